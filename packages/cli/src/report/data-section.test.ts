import { randomFlip } from 'fovea/internal/layers/augmentation'
import { resizing } from 'fovea/internal/layers/resizing'
import { describe, expect, it } from 'vitest'
import { dataSection } from './data-section.ts'
import { picturedRun, sheetTools } from './pictured-run.testing.ts'
import { partWithContrast, pixelValues } from './pixel-values.ts'
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
    expect(figures.map(({ name }) => name)).toEqual(['class-balance'])
    expect(html).toContain('the smallest, bird, 10, 3.0 times as many')
    const silent = sectionOf(smallRun({ perClass: [] }))
    expect(silent.figures).toEqual([])
    expect(silent.html).toMatch(/^<p>[^<]*60 train[^<]*<\/p>$/)
  })

  it('are closed at first, but for how many there are', async () => {
    const { html } = sectionOf(await picturedRun())
    expect(elementsOf(html, 'details:not([open]) figure').length).toBe(elementsOf(html, 'figure').length)
    expect(elementsOf(html, 'details p')).toHaveLength(1)
  })

  it('begin with pictures of all classes under their names', async () => {
    const { svg, title } = figureOf(await picturedRun(), 'examples')
    expect(title).toBe('36 pictures of the training set, of 3 classes')
    expect(textsOf(svg)).toEqual(Array.from({ length: 36 }, (_, index) => ['cat', 'dog', 'bird'][index % 3]))
    const frames = elementsOf(svg, 'rect[fill="none"]')
    const columns = new Set(frames.map(frame => frame.getAttribute('x')))
    const rows = new Set(frames.map(frame => frame.getAttribute('y')))
    expect([columns.size, rows.size]).toEqual([12, 3])
    expect(shown(svg)).toEqual(Array.from({ length: 36 }, (_, index) => [index]))
    // A column for each of ten classes.
    const classNames = Array.from({ length: 10 }, (_, index) => `c${index}`)
    const ten = elementsOf(figureOf(await picturedRun({ classNames }), 'examples').svg, 'rect[fill="none"]')
    expect(new Set(ten.map(frame => frame.getAttribute('x'))).size).toBe(10)
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
    const heads = elementsOf(svg, 'text[transform]').map(text => text.lastChild!.textContent)
    expect(heads).toEqual([...[0, 1, 2, 3, 4, 5].map(() => 'class numbe…'), '…'])
    expect(textsOf(svg).filter(text => text === '1').length).toBe(6)
    // One at the head of the column, one in each row.
    expect(textsOf(svg).filter(text => text === '…').length).toBe(7)
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
    const { svg, alt } = figureOf(await picturedRun({ shape: [8, 8, 1] }), 'pixel-values')
    expect(
      textsOf(svg)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 64 }, (_, value) => value))
    expect(alt).toBe('The first picture (cat): all 8 rows of 8 pixels, in each its value from 0 to 255.')
    const bright = await picturedRun({ shape: [16, 15, 1] })
    const values = (ground: string) =>
      elementsOf(figureOf(bright, 'pixel-values').svg, `g[fill="${ground}"] text`).map(text => Number(text.textContent))
    expect(values('#000').length + values('#fff').length).toBe(100)
    expect(values('#000').every(value => value >= 118)).toBe(true)
    expect(values('#fff').every(value => value < 118)).toBe(true)
  })

  it('cut out the part of a larger picture in which values differ most, and frame it in the whole', () => {
    const data = new Uint8Array(28 * 28).fill(7)
    // A chessboard in rows 12 to 21, columns 5 to 14.
    for (let row = 12; row < 22; row++)
      for (let column = 5; column < 15; column++) data[row * 28 + column] = ((row + column) % 2) * 255
    const picture = { width: 28, height: 28, channels: 1, data } as const
    const part = partWithContrast(picture)
    expect(part).toEqual({ top: 12, left: 5, width: 10, height: 10 })
    const svg = pixelValues(picture, part, 'a <b>', tools)
    expect(textsOf(svg).filter(text => text === '255')).toHaveLength(50)
    expect(textsOf(svg).filter(text => text === '7')).toHaveLength(0)
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['“a <b>”', 'rows 12 to 21,', 'columns 5 to 14, from 0']))
    const [frame] = elementsOf(svg, 'rect[stroke="var(--series-2)"]')
    const scale = 104 / 28
    expect(Number(frame!.getAttribute('x'))).toBeCloseTo(5 * scale, 1)
    expect(Number(frame!.getAttribute('height'))).toBeCloseTo(10 * scale, 1)
  })

  it('write three values into a pixel in colour, the red one on top', async () => {
    const { svg, title } = figureOf(await picturedRun({ shape: [2, 1, 3] }), 'pixel-values')
    const texts = elementsOf(svg, 'text').map(text => [text.textContent, Number(text.getAttribute('y'))] as const)
    expect(texts.map(([value]) => value)).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(texts.map(([, y]) => y)).toEqual(texts.map(([, y]) => y).sort((a, b) => a - b))
    expect(title).toContain('red over green over blue')
  })

  it('take a part of the middle of a large picture', async () => {
    const run = await picturedRun({ shape: [224, 224, 3], count: 2 })
    const { svg, alt } = figureOf(run, 'pixel-values')
    expect(alt).toContain('the part with the most contrast, 8 rows of 8 pixels')
    const numbers = elementsOf(svg, 'g[text-anchor="middle"] text').map(text => Number(text.textContent))
    expect(numbers.length).toBe(8 * 8 * 3)
    expect(textsOf(svg)).toContain('28 × 28 pixels; the frame:')
    const { top, left } = partWithContrast(run.pictures!.pixels)
    const first = ((98 + top) * 224 + 98 + left) * 3
    expect(numbers).toContain(first % 251)
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
      'examples',
      'class-balance',
      'labels',
      'pixel-values',
    ])
    const enlarging = [resizing({ height: 4, width: 4, inputShape: [2, 2, 1] }), randomFlip()]
    expect(shown(figureOf(await picturedRun({ head: enlarging }), 'augmentation').svg)[0]).toEqual([0])
  })
})
