import { recipes } from 'fovea/internal/recipes/recipes'
import type { TrainReport } from 'fovea/internal/run/report'
import { describe, expect, it } from 'vitest'
import { comparisonSection } from './comparison.ts'
import { sizeChart, spreadChart } from './comparison-charts.ts'
import { groupsOf, verdict } from './comparison-groups.ts'
import { figureWidth } from './figure.ts'
import { elementsOf, placeOf, smallRun, smallTest, textsOf } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

interface Tested {
  readonly recipe: string
  readonly accuracy?: number
  readonly seed?: number
  readonly dataset?: string
  readonly selected?: boolean
}

/** A run of 1000 test pictures, known only by its accuracy. */
function run({ recipe, accuracy, seed = 1, dataset = 'pets', selected = false }: Tested): ReportRun {
  const result = { seconds: 9, epochs: 3, msPerStep: 1.234, test: { loss: 1, accuracy } } as TrainReport
  return smallRun({
    name: `${recipe}-${seed}`,
    recipe: { ...recipes[0]!, name: recipe, seed, dataset, selectedOnTestSet: selected },
    ...(accuracy !== undefined && { result, test: { ...smallTest([[0, 0, 1]]), count: 1000 } }),
  })
}

const groupsOfRuns = (...runs: readonly Tested[]) => groupsOf(runs.map(run))

describe('several runs', () => {
  const runs = [
    run({ recipe: 'mlp', accuracy: 0.5 }),
    run({ recipe: 'cnn', accuracy: 0.8, selected: true }),
    run({ recipe: 'mlp', accuracy: 0.6, seed: 2 }),
  ]
  const section = comparisonSection(runs)

  it('stand in a table, those that differ only by seed together', () => {
    const rows = elementsOf(section.html, 'tbody tr').map(row =>
      [...row.querySelectorAll('td')].map(cell => cell.textContent),
    )
    expect(rows).toEqual([
      ['mlp', 'mlp-1', '50.00 %', '80.00 % (2)', '15', '3', '3.0 s', '1.23'],
      ['mlp', 'mlp-2', '60.00 %', '80.00 % (2)', '15', '3', '3.0 s', '1.23'],
      ['cnn', 'cnn-1', '80.00 % *', '80.00 % (2)', '15', '3', '3.0 s', '1.23'],
    ])
    expect(section.html).toContain('Chance 33.33 %. * selected on the test set.')
    expect(elementsOf(section.html, 'td strong').map(cell => cell.textContent)).toEqual(['80.00 % *'])
    expect(elementsOf(section.html, '.score').map(score => score.textContent)).toEqual([
      '55.00 % mlp, mean of 2 runs',
      '80.00 % cnn',
    ])
  })

  it('have their curves in one drawing, each recipe named once', () => {
    const { svg } = section.figures.find(({ name }) => name === 'comparison-accuracy')!
    expect(elementsOf(svg, 'g[aria-label=line]').map(line => line.getAttribute('stroke'))).toEqual([
      'var(--series-1)',
      'var(--series-1)',
      'var(--series-2)',
    ])
    expect(
      textsOf(svg)
        .filter(text => /^(mlp|cnn|chance.*)$/.test(text))
        .sort(),
    ).toEqual(['chance 33.33 %', 'cnn', 'mlp'])
    expect(elementsOf(svg, 'title')[0]!.textContent).toBe('Epoch 1 · mlp-1 40 % · mlp-2 40 % · cnn 40 %')
    expect(section.figures.map(({ title }) => title)).toEqual([
      'Validation accuracy',
      'Validation loss',
      'Test accuracy: a dot for each run',
      'Test accuracy against parameters',
    ])
  })

  it('show the spread of a recipe: a dot for each run between the lowest and the highest, a line at their mean', () => {
    const { svg, alt } = section.figures.find(({ name }) => name === 'comparison-test')!
    const dots = elementsOf(svg, 'circle').map(dot => Number(dot.getAttribute('cx')))
    const [line] = elementsOf(svg, 'g[aria-label=rule] line[stroke="var(--series-1)"]')
    expect([line!.getAttribute('x1'), line!.getAttribute('x2')].map(Number)).toEqual([dots[0], dots[1]])
    const means = elementsOf(svg, 'g[aria-label=tick] line').map(tick => Number(tick.getAttribute('x1')))
    expect(means[0]).toBeCloseTo((dots[0]! + dots[1]!) / 2, 1)
    expect(means[1]).toBeCloseTo(dots[2]!, 1)
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['55.00 %', '80.00 %', 'chance 33.33 %']))
    expect(alt).toBe(
      'Test accuracy: mlp 55.00 % on average of 2 runs, 50.00 % to 60.00 %; cnn 80.00 %. Chance 33.33 %.',
    )
  })

  it('stand by their numbers of parameters, written below', () => {
    const group = (name: string, parameters: number) => ({
      ...groupsOfRuns({ recipe: name, accuracy: 0.5 })[0]!,
      parameters,
    })
    const svg = sizeChart([group('small', 89_834), group('large', 820_874)], { value: 0.1, label: 'chance 10 %' })
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['89,834', '820,874', 'parameters', 'small', 'large']))
  })

  it('with long names are told apart by their ends, and names that end within the drawing', () => {
    const long = (recipe: string, parameters: number) => ({
      ...groupsOfRuns({ recipe, accuracy: recipe.includes('without') ? 0.1 : 0.8 })[0]!,
      parameters,
    })
    const groups = [long('shapes-cnn-without-rescaling', 500_000), long('shapes-cnn', 400_000)]
    const chance = { value: 0.1, label: 'chance 10 %' }
    expect(elementsOf(spreadChart(groups, chance), 'text').map(text => text.firstChild!.textContent)).toEqual(
      expect.arrayContaining(['shapes-cnn', 'shapes-cn…hout-rescaling']),
    )
    // From where a name begins to where it ends, a letter 7 wide.
    const extentOf = (svg: string, name: string): readonly [number, number] => {
      const text = elementsOf(svg, 'text').find(({ textContent }) => textContent === name)!
      const anchor = text.closest('g[text-anchor]')?.getAttribute('text-anchor') ?? 'middle'
      const [shift] = /-?\d+/.exec(text.closest('g[transform]')?.getAttribute('transform') ?? '0')!
      const width = 7 * name.length
      const left = placeOf(text).x + Number(shift) - { start: 0, middle: width / 2, end: width }[anchor]!
      return [left, left + width]
    }
    const longer = long('cifar10-cnn-optimized-without-batch-normalization', 400_000)
    for (const [svg, name] of [
      [sizeChart(groups, chance), 'shapes-cn…hout-rescaling'],
      [sizeChart(groups, chance), 'shapes-cnn'],
      [sizeChart([longer], chance), 'cifar10-c…-normalization'],
    ] as const) {
      const [left, right] = extentOf(svg, name)
      expect(left, name).toBeGreaterThanOrEqual(0)
      expect(right, name).toBeLessThanOrEqual(figureWidth)
    }
    const [axis] = elementsOf(spreadChart([longer], chance), 'text title')
    expect(axis!.textContent).toBe('cifar10-cnn-optimized-without-batch-normalization')
  })

  it('close together are drawn close up, and chance is pointed at', () => {
    const near = comparisonSection([run({ recipe: 'a', accuracy: 0.97 }), run({ recipe: 'b', accuracy: 0.98 })])
    const test = near.figures.find(({ name }) => name === 'comparison-test')!
    expect(textsOf(test.svg)).toContain('← chance 33.33 %')
    const size = near.figures.find(({ name }) => name === 'comparison-size')!
    expect(textsOf(size.svg)).toContain('chance 33.33 % ↓')
    // Equally many parameters: one number on the axis, two names above each other.
    expect(textsOf(size.svg).filter(text => text === '15')).toHaveLength(1)
    const [a, b] = ['a', 'b'].map(name =>
      placeOf(elementsOf(size.svg, 'text').find(text => text.textContent === name)!),
    )
    expect(a!.y - b!.y).toBeGreaterThanOrEqual(14)
  })

  it('on different data sets are kept apart', () => {
    const two = comparisonSection([
      run({ recipe: 'a', accuracy: 0.5 }),
      run({ recipe: 'b', accuracy: 0.9, dataset: 'cars' }),
      run({ recipe: 'c', accuracy: 0.8, dataset: 'cars' }),
    ])
    expect(elementsOf(two.html, 'h3').map(heading => heading.textContent)).toEqual(['pets', 'cars'])
    expect(elementsOf(two.html, 'p.lead').map(lead => lead.textContent!.slice(0, 12))).toEqual([
      'a: 50.00 %.',
      'b gets 90.00',
    ])
    expect(two.figures).toHaveLength(4)
    expect(two.figures.every(({ name }) => name.endsWith('-2'))).toBe(true)
  })

  it('without a finished one are still drawn', () => {
    const open = comparisonSection([run({ recipe: 'a' }), run({ recipe: 'b' })])
    expect(open.html).toContain('None of these runs was finished.')
    expect(elementsOf(open.html, 'td').filter(cell => cell.textContent === 'interrupted')).toHaveLength(2)
    expect(open.figures.map(({ name }) => name)).toEqual(['comparison-accuracy', 'comparison-loss'])
  })
})

describe('the verdict', () => {
  it('names who is ahead, by how much and with what size', () => {
    expect(verdict(groupsOfRuns({ recipe: 'mlp', accuracy: 0.5 }, { recipe: 'cnn', accuracy: 0.8 }))).toBe(
      'cnn gets 80.00 %, mlp 50.00 %: 30.00 points more, with as many parameters. More seeds of each would say how much of it is luck.',
    )
  })

  it('says how large it is', () => {
    const [best, second] = groupsOfRuns({ recipe: 'cnn', accuracy: 0.8 }, { recipe: 'mlp', accuracy: 0.5 })
    const sized = (parameters: number) =>
      verdict([
        { ...best!, parameters },
        { ...second!, parameters: 1000 },
      ])
    expect(sized(250)).toContain('with 25 % of its parameters')
    expect(sized(1499)).toContain('with 150 % of its parameters')
    expect(sized(1500)).toContain('with 1.5 times its parameters')
  })

  it('asks for more seeds where one of two has a single run', () => {
    const runs = [0.8, 0.82].map((accuracy, index) => ({ recipe: 'a', accuracy, seed: index + 1 }))
    expect(verdict(groupsOfRuns(...runs, { recipe: 'b', accuracy: 0.5 }))).toContain('More seeds of each')
  })

  it('says when test pictures are too few to tell', () => {
    // 2 √(0.8 · 0.2 / 1000 + 0.79 · 0.21 / 1000) = 3.61 points.
    expect(verdict(groupsOfRuns({ recipe: 'mlp', accuracy: 0.79 }, { recipe: 'cnn', accuracy: 0.8 }))).toContain(
      'Other test pictures could turn that round (± 3.61 points): take them as equal.',
    )
  })

  it('looks at the spread of runs', () => {
    const seeds = (recipe: string, ...accuracies: readonly number[]) =>
      accuracies.map((accuracy, index) => ({ recipe, accuracy, seed: index + 1 }))
    expect(verdict(groupsOfRuns(...seeds('a', 0.8, 0.82), ...seeds('b', 0.7, 0.72)))).toMatch(
      /a gets 81\.00 % on average of 2 runs \(80\.00 to 82\.00 %\).*Every one of its runs is better/,
    )
    expect(verdict(groupsOfRuns(...seeds('a', 0.7, 0.9), ...seeds('b', 0.65, 0.75)))).toContain('their runs overlap')
  })

  it('says what flatters', () => {
    const flattered = groupsOfRuns({ recipe: 'a', accuracy: 0.9, selected: true }, { recipe: 'b', accuracy: 0.8 })
    expect(verdict(flattered)).toContain('The weights of a were selected on the test set, which flatters it.')
  })

  it('tells groups of one recipe apart when their settings differ', () => {
    const short = run({ recipe: 'cnn', accuracy: 0.7 })
    const long = run({ recipe: 'cnn', accuracy: 0.8, seed: 2 })
    const groups = groupsOf([short, { ...long, recipe: { ...long.recipe, epochs: 99 } }])
    expect(groups.map(({ name }) => name)).toEqual(['cnn-1', 'cnn-2'])
  })
})
