/** What compare says of any set of runs: how sure it is, and never more than it knows. */
import { describe, expect, it } from 'vitest'
import { comparedGroups, type MeasuredRun, verdictOf } from '../verbs/compared-groups.ts'
import { comparisonText } from './comparison-text.ts'

interface Given {
  readonly recipe: string
  readonly accuracies: readonly number[]
  readonly testPictures?: number | undefined
  readonly dataset?: string
  readonly selectedOnTestSet?: boolean
  readonly params?: number
}

function measured(...given: readonly Given[]): MeasuredRun[] {
  return given.flatMap(
    ({ recipe, accuracies, dataset = 'shapes', params = 1000, selectedOnTestSet = false, ...rest }) =>
      accuracies.map((accuracy, index) => ({
        run: {
          ...{ recipe, dataset, params, epochs: 2, seconds: 3, test: { loss: 1, accuracy }, msPerPicture: 0.1 },
          ...{ runDir: `runs/${recipe}-${index + 1}-1`, trained: true, selectedOnTestSet },
        },
        seed: index + 1,
        setting: recipe,
        testPictures: 'testPictures' in rest ? rest.testPictures : 1000,
      })),
  )
}

function said(...given: readonly Given[]): string {
  const runs = measured(...given)
  return comparisonText(
    runs.map(({ run }) => run),
    comparedGroups(runs),
    verdictOf(runs),
  )
}

describe('compare', () => {
  it('a small difference after one seed is within chance', () => {
    const text = said({ recipe: 'a', accuracies: [0.806] }, { recipe: 'b', accuracies: [0.8] })
    expect(text).toContain(
      'a is 0.6 points better than b, with as many parameters. That is within chance: on 1,000 test pictures, luck alone makes up to 3.6 points. Take them as equal.',
    )
    expect(verdictOf(measured({ recipe: 'a', accuracies: [0.806] }, { recipe: 'b', accuracies: [0.8] }))).toMatchObject(
      { beyondChance: false },
    )
  })

  it('the same difference on more pictures is not, but one seed each is little', () => {
    const more = { testPictures: 100_000 }
    const runs = [
      { recipe: 'a', accuracies: [0.806], params: 110, ...more },
      { recipe: 'b', accuracies: [0.8], ...more },
    ]
    expect(said(...runs)).toMatch(
      /with 11 % of its parameters\. Luck with the test pictures makes up to 0\.4 points; with --seeds 1,2,3 it shows/,
    )
    expect(verdictOf(measured(...runs))).toMatchObject({ beyondChance: true })
  })

  it('several seeds: mean and spread, and whether the runs overlap', () => {
    const apart = said({ recipe: 'a', accuracies: [0.9, 0.92, 0.91] }, { recipe: 'b', accuracies: [0.8, 0.81, 0.79] })
    expect(apart).toContain('a: 91.00 % on average of 3 seeds (90.00 to 92.00 %, standard deviation 1.00 points)')
    expect(apart).toMatch(/11\.0 points better than b on average.*Every one of its runs is better/)
    const overlapping = [
      { recipe: 'a', accuracies: [0.9, 0.7, 0.92] },
      { recipe: 'b', accuracies: [0.7, 0.8, 0.76] },
    ]
    expect(said(...overlapping)).toMatch(/their runs overlap/)
    expect(verdictOf(measured(...overlapping))).toMatchObject({ beyondChance: false })
  })

  it('runs that only the seed tells apart: what is between them is luck', () => {
    const text = said({ recipe: 'a', accuracies: [0.8, 0.9, 0.7] })
    expect(text).toMatch(
      /runs\/a-2-1 is 20\.0 points better than runs\/a-3-1, with as many parameters\. They differ in nothing but the seed: that much is luck\./,
    )
  })

  it('without the number of test pictures nothing is said of chance', () => {
    const unknown = { testPictures: undefined }
    const runs = [
      { recipe: 'a', accuracies: [0.9], ...unknown },
      { recipe: 'b', accuracies: [0.8], ...unknown },
    ]
    expect(said(...runs)).not.toMatch(/chance|Luck/)
    expect(verdictOf(measured(...runs))).toMatchObject({ margin: null, beyondChance: null })
  })

  it('says who was selected on the test set, and compares no data sets', () => {
    expect(
      said({ recipe: 'a', accuracies: [0.9], selectedOnTestSet: true }, { recipe: 'b', accuracies: [0.8] }),
    ).toMatch(/The weights of a were selected on the test set/)
    const text = said({ recipe: 'a', accuracies: [0.9] }, { recipe: 'b', accuracies: [0.8], dataset: 'mnist' })
    expect(text).not.toMatch(/better/)
    expect(text).toMatch(/different data sets are not compared/)
  })

  it('equal accuracies, one run, no run: no verdict', () => {
    expect(said({ recipe: 'a', accuracies: [0.9] }, { recipe: 'b', accuracies: [0.9] })).not.toMatch(/better/)
    expect(said({ recipe: 'a', accuracies: [0.9] })).not.toMatch(/better|seeds/)
    expect(verdictOf([])).toBeNull()
  })

  it('never NaN, undefined or null, for any mixture', () => {
    for (let seed = 0; seed < 500; seed++) {
      const pick = <T>(shift: number, ...all: readonly T[]): T => all[(seed >> shift) % all.length]!
      const given = Array.from({ length: pick(0, 1, 2, 3) }, (_, index) => ({
        recipe: `r${index}`,
        accuracies: Array.from({ length: pick(index + 1, 1, 2, 3) }, (_, run) => pick(run, 0, 0.5, 1, 0.501)),
        testPictures: pick(index + 2, 1, 10, undefined, 1000),
      }))
      expect(said(...given)).not.toMatch(/NaN|undefined|null|Infinity/)
    }
  })
})
