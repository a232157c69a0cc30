import { describe, expect, it } from 'vitest'
import { picturedRun, sheetTools } from './pictured-run.testing.ts'
import { predictionsSection } from './predictions-section.ts'
import { elementsOf, smallRun, textsOf } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

const { tools, shown } = sheetTools()
const framesOf = (svg: string) => elementsOf(svg, 'rect[fill="none"]')
const figuresOf = (run: ReportRun) =>
  Object.fromEntries(predictionsSection(run, tools).flatMap(({ figures }) => figures.map(each => [each.name, each])))

/** Test picture `index` is of class index mod 3; every fifth is taken for the next class. */
const run = await picturedRun({ predicted: index => [(index + Number(index % 5 === 0)) % 3, 0.5 + index / 250] })

describe('predictions', () => {
  it('of pictures drawn at random are titled predicted (true), right and wrong told apart by colour, cross and frame', () => {
    const { svg, title, alt } = figuresOf(run)['predictions']!
    const drawn = Array.from(run.pictures!.drawnIndices).slice(0, 25)
    const wrong = drawn.filter(index => index % 5 === 0)
    const names = ['cat', 'dog', 'bird']
    expect(elementsOf(svg, 'text').map(text => text.lastChild!.textContent)).toEqual(
      drawn.flatMap(index => [
        index % 5 === 0 ? `✗ ${names[(index + 1) % 3]}` : names[index % 3],
        `(${names[index % 3]})`,
      ]),
    )
    expect(framesOf(svg).map(rect => `${rect.getAttribute('stroke')} ${rect.getAttribute('stroke-width')}`)).toEqual(
      drawn.map(index => (index % 5 === 0 ? 'var(--wrong) 3' : 'var(--right) 1')),
    )
    expect(title).toContain(`${25 - wrong.length} of 25 right`)
    expect(alt).toContain(`Right: ${25 - wrong.length}. Wrong: `)
    const columns = new Set(framesOf(svg).map(frame => frame.getAttribute('x')))
    expect(columns.size).toBe(5)
  })

  it('of other pictures stand under the predicted class alone', () => {
    const { svg } = figuresOf(run)['predicted-classes']!
    const drawn = Array.from(run.pictures!.drawnIndices).slice(25)
    expect(textsOf(svg)).toEqual(drawn.map(index => ['cat', 'dog', 'bird'][(index + (index % 5 === 0 ? 1 : 0)) % 3]))
    expect(drawn.length).toBe(25)
  })

  it('that are wrong are shown with how sure the model was, the surest first', () => {
    const { svg, alt } = figuresOf(run)['mistakes']!
    const texts = elementsOf(svg, 'text').map(text => text.lastChild!.textContent)
    expect(texts.length).toBe(2 * 20)
    expect(texts.slice(0, 4)).toEqual(['cat 88 %', '(bird)', 'dog 86 %', '(cat)'])
    expect(shown(svg).slice(0, 3)).toEqual([[95], [90], [85]])
    expect(alt).toContain('The 20 mistakes with the most probable predictions, from 88 % to 50 %')
  })

  it('take two lines where names are long, and shorten the longest', async () => {
    const classNames = ['aquarium_fish_of_the_sea', 'pickup_truck']
    const { predictions, mistakes } = figuresOf(await picturedRun({ classNames, predicted: () => [0, 0.9] }))
    const lines = elementsOf(predictions!.svg, 'text').map(text => text.lastChild!.textContent)
    expect(lines.length).toBe(50)
    expect(lines).toContain('aquarium…')
    expect(lines).toContain('✗ aquari…')
    expect(lines).toContain('(pickup…)')
    expect(Math.max(...lines.map(line => line!.length))).toBe(9)
    expect(elementsOf(predictions!.svg, 'title').map(title => title.textContent)).toContain(
      'aquarium_fish_of_the_sea 90.0 % (pickup_truck)',
    )
    expect(elementsOf(mistakes!.svg, 'text')[0]!.lastChild!.textContent).toBe('aqu… 90 %')
  })

  it.each([
    ['one output unit', { classNames: ['no', 'yes'], units: 1 }],
    ['100 classes', { classNames: Array.from({ length: 100 }, (_, index) => String(index)) }],
    ['pictures of 8×8', { shape: [8, 8, 1] as const }],
    ['pictures of 224×56 in colour', { shape: [224, 56, 3] as const, count: 58 }],
  ])('are drawn with %s', async (_, options) => {
    const extreme = await picturedRun({ ...options, predicted: index => [Number(index % 2 === 0), 0.8] })
    const figures = figuresOf(extreme)
    expect(Object.keys(figures)).toEqual(['mistakes', 'predictions', 'predicted-classes'])
    const frames = framesOf(figures['predictions']!.svg)
    expect(frames.length).toBe(25)
    const { width, height } = extreme.pictures!.drawn[0]!
    expect(Math.max(width, height)).toBeLessThanOrEqual(64)
    const proportion = Number(frames[0]!.getAttribute('width')) / Number(frames[0]!.getAttribute('height'))
    expect(proportion).toBeCloseTo(width / height, 1)
  })

  it('leave out what the run does not have', async () => {
    expect(predictionsSection(smallRun(), tools)).toEqual([])
    const { pictures: _, ...older } = run
    expect(Object.keys(figuresOf(older))).toEqual(['mistakes'])
    expect(Object.keys(figuresOf(await picturedRun({ count: 20 })))).toEqual(['predictions'])
    expect(figuresOf(await picturedRun({ count: 20 }))['predictions']!.alt).toContain('None is wrong.')
  })
})

it('predictions of the user’s own pictures name the files of the surest mistakes, and take less room', () => {
  const testFiles = Array.from({ length: 100 }, (_, index) => `a<b/${index}.jpg`)
  const [section] = predictionsSection({ ...run, testFiles }, tools)
  const files = elementsOf(section!.html, '.files li').map(item => item.textContent)
  expect(files).toHaveLength(20)
  expect(files[0]).toBe('a<b/95.jpg: cat 88 % (bird)')
  expect(section!.figures.map(({ svg }) => framesOf(svg).length)).toEqual([15, 15, 15])
  expect(elementsOf(predictionsSection(run, tools)[0]!.html, '.files')).toEqual([])
})
