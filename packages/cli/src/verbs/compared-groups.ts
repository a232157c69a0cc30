/** Compared runs that differ in nothing but the seed, as one group; who is ahead, and whether that is more than chance. */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { chanceMargin, standardDeviation } from 'fovea/internal/base/proportions'
import type { ComparedGroup, ComparedRun, CompareVerdict } from '../command/documents.ts'

/** A run with what tells it apart from others and how much its accuracy is worth. */
export interface MeasuredRun {
  readonly run: ComparedRun
  readonly seed: number
  /** Equal for runs that differ in nothing but the seed. */
  readonly setting: string
  /** Unknown in runs of older versions. */
  readonly testPictures: number | undefined
}

/** In the order of their first runs. A group bears its recipe's name, or its first directory where another has the same. */
export function comparedGroups(measured: readonly MeasuredRun[]): ComparedGroup[] {
  const bySetting = new Map<string, MeasuredRun[]>()
  for (const each of measured) bySetting.set(each.setting, [...(bySetting.get(each.setting) ?? []), each])
  const groups = [...bySetting.values()]
  return groups.map(own => {
    const { run, testPictures } = own[0]!
    const alone = groups.every(other => other === own || other[0]!.run.recipe !== run.recipe)
    const accuracies = own.map(({ run }) => run.test.accuracy)
    return {
      name: alone ? run.recipe : run.runDir,
      dataset: run.dataset,
      params: run.params,
      runDirs: own.map(({ run }) => run.runDir),
      seeds: own.map(({ seed }) => seed),
      testPictures: testPictures ?? null,
      accuracy: {
        mean: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length,
        lowest: smallestOf(accuracies),
        highest: largestOf(accuracies),
        deviation: standardDeviation(accuracies) ?? null,
      },
    }
  })
}

/**
 * Of the two settings with the highest accuracies; of one setting alone its best and its worst run, which only the seed tells apart. Null for
 * one run, for equal ones, and where data sets differ.
 */
export function verdictOf(measured: readonly MeasuredRun[]): CompareVerdict | null {
  const groups = comparedGroups(measured)
  const alike = groups.length === 1
  const candidates = alike ? measured.flatMap(run => comparedGroups([{ ...run, setting: run.run.runDir }])) : groups
  const ranked = candidates.toSorted((a, b) => b.accuracy.mean - a.accuracy.mean)
  const [best, second] = [ranked[0], ranked.at(alike ? -1 : 1)]
  if (!best || !second || best.accuracy.mean === second.accuracy.mean) return null
  if (groups.some(({ dataset }) => dataset !== best.dataset)) return null
  const difference = best.accuracy.mean - second.accuracy.mean
  const proportion = ({ accuracy, testPictures }: ComparedGroup) =>
    testPictures === null ? undefined : { share: accuracy.mean, count: testPictures }
  const [one, other] = [proportion(best), proportion(second)]
  const margin = one && other ? chanceMargin(one, other) : null
  const apart = best.accuracy.lowest > second.accuracy.highest
  return {
    best: alike ? best.runDirs[0]! : best.name,
    second: alike ? second.runDirs[0]! : second.name,
    difference,
    margin,
    beyondChance: alike ? false : margin === null ? null : difference > margin && apart,
  }
}
