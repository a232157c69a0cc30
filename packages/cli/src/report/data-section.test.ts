import { randomFlip } from 'fovea/internal/layers/augmentation'
import { resizing } from 'fovea/internal/layers/resizing'
import { describe, expect, it } from 'vitest'
import { dataSection } from './data-section.ts'
import { picturedRun, sheetTools } from './pictured-run.testing.ts'
import { elementsOf, smallRun, textsOf } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

const { tools, shown } = sheetTools()
const sectionOf = (run: ReportRun) => dataSection(run, tools)
const figureOf = (run: ReportRun, name: string) => sectionOf(run).figures.find(figure => figure.name === name)!

describe('the data of a run', () => {
  it('are counted in a sentence', async () => {
    const sentence = (run: ReportRun) => elementsOf(sectionOf(run).html, 'p')[0]!.textContent
    const samples = { train: 45_000, validation: 5_000 }
    const { recipe } = smallRun()
    const held = { ...recipe, dataset: 'animals', validation: { kind: 'first', count: 5000 } } as const
    expect(sentence({ ...(await picturedRun({ count: 3 })), recipe: held, samples })).toBe(
      'animals: 45,000 train, 5,000 validation, 3 test; pictures of 2×2×1 in 3 classes.',
    )
    const onTest = { ...held, validation: { kind: 'test' } } as const
    expect(
      sentence({ ...(await picturedRun({ count: 3 })), recipe: onTest, samples: { train: 9, validation: 3 } }),
    ).toContain('9 train, 3 test (for validation too);')
    const { test: _, ...interrupted } = await picturedRun({ count: 3 })
    expect(sentence({ ...interrupted, recipe: held, samples })).toContain('5,000 validation, 3 test;')
  })

  it('are shown by nothing else in runs that kept no pictures', () => {
    const { figures, html } = sectionOf(smallRun())
    expect(figures).toEqual([])
    expect(html).toMatch(/^<p>[^<]*60 train[^<]*<\/p>$/)
  })

  it('begin with the first pictures under their names', async () => {
    const { svg, title } = figureOf(await picturedRun(), 'first-pictures')
    expect(title).toBe('The first 36 pictures of the training set')
    expect(textsOf(svg)).toEqual(Array.from({ length: 36 }, (_, index) => ['cat', 'dog', 'bird'][index % 3]))
    const frames = elementsOf(svg, 'rect[fill="none"]')
    const columns = new Set(frames.map(frame => frame.getAttribute('x')))
    const rows = new Set(frames.map(frame => frame.getAttribute('y')))
    expect([columns.size, rows.size]).toEqual([12, 3])
    expect(shown(svg)).toEqual(Array.from({ length: 36 }, (_, index) => [index]))
  })

  it('show the labels as rows with a one at the class', async () => {
    const { svg, alt } = figureOf(await picturedRun(), 'labels')
    const heads = ['cat', 'dog', 'bird']
    const rows = [0, 1, 2, 0, 1, 2].flatMap(label => [
      heads[label]!,
      ...heads.map((_, at) => String(Number(at === label))),
    ])
    expect(textsOf(svg)).toEqual([...heads, ...rows])
    expect(alt).toContain('cat is 0, dog is 1, bird is 2')
  })

  it('leave out columns of many classes in which nothing happens', async () => {
    const classNames = Array.from({ length: 100 }, (_, index) => `class number ${index}`)
    const { svg } = figureOf(await picturedRun({ classNames }), 'labels')
    const heads = elementsOf(svg, 'text[y="16"]').map(text => text.lastChild!.textContent)
    expect(heads).toEqual([...[0, 1, 2, 3, 4, 5].map(() => 'class numbe…'), '…'])
    expect(textsOf(svg).filter(text => text === '1').length).toBe(6)
    expect(textsOf(svg).filter(text => text === '0 … 0').length).toBe(6)
    expect(elementsOf(svg, 'title')[0]!.textContent).toBe('class number 0')
  })

  it('show the label alone where the model gives one number', async () => {
    const { svg, title } = figureOf(await picturedRun({ classNames: ['no', 'yes'], units: 1 }), 'labels')
    expect(textsOf(svg)).toEqual([
      'label',
      ...[0, 1, 0, 1, 0, 1].flatMap(label => [['no', 'yes'][label]!, String(label)]),
    ])
    expect(title).toBe('The first 6 and their labels')
  })

  it('hold a picture with each value written in it, dark on light and light on dark', async () => {
    const { svg, title } = figureOf(await picturedRun({ shape: [8, 8, 1] }), 'pixel-values')
    expect(
      textsOf(svg)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 64 }, (_, value) => value))
    expect(title).toContain('every pixel of “cat”')
    const bright = await picturedRun({ shape: [16, 15, 1] })
    const dark = elementsOf(figureOf(bright, 'pixel-values').svg, 'g[fill="#000"] text')
    expect(dark.map(text => Number(text.textContent))).toEqual(Array.from({ length: 240 - 118 }, (_, at) => 118 + at))
  })

  it('write three values into a pixel in colour, the red one on top', async () => {
    const { svg, title } = figureOf(await picturedRun({ shape: [2, 1, 3] }), 'pixel-values')
    const texts = elementsOf(svg, 'text').map(text => [text.textContent, Number(text.getAttribute('y'))] as const)
    expect(texts.map(([value]) => value)).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(texts.map(([, y]) => y)).toEqual(texts.map(([, y]) => y).sort((a, b) => a - b))
    expect(title).toContain('red over green over blue')
  })

  it('take the middle of a large picture', async () => {
    const { svg, title } = figureOf(await picturedRun({ shape: [224, 224, 3], count: 2 }), 'pixel-values')
    expect(title).toContain('the middle 28 × 28 pixels of “cat”')
    expect(elementsOf(svg, 'text').length).toBe(28 * 28 * 3)
    const first = (98 * 224 + 98) * 3
    expect(textsOf(svg).includes(String(first % 251))).toBe(true)
  })

  it('end with the variants of augmentation, the original first', async () => {
    const head = [randomFlip({ mode: 'horizontal', inputShape: [2, 2, 1] })]
    const run = await picturedRun({ head })
    const { svg, alt } = figureOf(run, 'augmentation')
    const pixels = shown(svg).flat()
    expect(pixels.length).toBe(9)
    expect(pixels[0]).toBe(0)
    expect(new Set(pixels.slice(1))).toEqual(new Set([0, 1]))
    expect(alt).toContain('8 random variants')
    expect(sectionOf(await picturedRun()).figures.map(({ name }) => name)).toEqual([
      'first-pictures',
      'labels',
      'pixel-values',
    ])
    const enlarging = [resizing({ height: 4, width: 4, inputShape: [2, 2, 1] }), randomFlip()]
    expect(shown(figureOf(await picturedRun({ head: enlarging }), 'augmentation').svg)[0]).toEqual([0])
  })
})
