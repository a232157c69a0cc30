/** Runs that differ in nothing but the seed, as one group; and what the groups say in words. */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { chanceMargin } from 'fovea/internal/base/proportions'
import { percent } from 'fovea/internal/base/text'
import { parameterCounts } from 'fovea/internal/network/weights'
import type { ReportRun } from './report-run.ts'
import { seriesColour } from './theme.ts'

export interface RunGroup {
  /** The recipe's; where another group has the same, its first run's: that of the folder, or the path where folders are called alike. */
  readonly name: string
  readonly colour: string
  readonly runs: readonly ReportRun[]
  readonly parameters: number
  /** On the test set, of the runs that finished. */
  readonly accuracies: readonly number[]
  /** Of `accuracies`. */
  readonly mean: number
}

/** In the order of their first runs. */
export function groupsOf(runs: readonly ReportRun[]): RunGroup[] {
  const groups = new Map<string, ReportRun[]>()
  for (const run of runs) {
    const key = JSON.stringify([{ ...run.recipe, seed: 0 }, run.samples.train])
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  const all = [...groups.values()]
  return all.map((own, index) => {
    const { recipe, model, name, folder } = own[0]!
    const alone = all.every(other => other === own || other[0]!.recipe.name !== recipe.name)
    const accuracies = own.flatMap(({ result }) => result?.test?.accuracy ?? [])
    return {
      name: alone ? recipe.name : runs.some(run => run.name === name && run.folder !== folder) ? folder : name,
      colour: seriesColour(index),
      runs: own,
      parameters: parameterCounts(model).total,
      accuracies,
      mean: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length,
    }
  })
}

/** What each run is called beside the others: its group, where it is alone in it, else by its own name. */
export function namesOf(runs: readonly ReportRun[]): string[] {
  const groups = groupsOf(runs)
  if (groups.length < runs.length) return runs.map(({ name }) => name)
  return runs.map(run => groups.find(group => group.runs.includes(run))!.name)
}

/** Who is ahead, by how much, and how sure that is. */
export function verdict(groups: readonly RunGroup[]): string {
  const [best, second] = groups.filter(({ accuracies }) => accuracies.length > 0).sort((a, b) => b.mean - a.mean)
  if (!best) {
    const ended = groups.every(({ runs }) => runs.every(({ result }) => result !== undefined))
    return `None of these runs was ${ended ? 'tested' : 'finished'}.`
  }
  if (!second) return `${best.name}: ${spread(best)}.`
  const points = (best.mean - second.mean) * 100
  const both = `${best.name} gets ${spread(best)}, ${second.name} ${spread(second)}`
  if (best.mean === second.mean) return `${both}: they are equal.`
  const flattered = best.runs[0]!.recipe.selectedOnTestSet && !second.runs[0]!.recipe.selectedOnTestSet
  const selected = flattered ? ` The weights of ${best.name} were selected on the test set, which flatters it.` : ''
  return `${both}: ${points.toFixed(2)} points more, with ${size(best.parameters / second.parameters)}. ${certainty(best, second)}${selected}`
}

function size(ratio: number): string {
  if (ratio === 1) return 'as many parameters'
  return ratio < 1.5 ? `${Math.round(ratio * 100)} % of its parameters` : `${ratio.toFixed(1)} times its parameters`
}

/** `98.52 %`, or `98.52 % on average of 3 runs (98.40 to 98.61 %)`. */
function spread({ mean, accuracies }: RunGroup): string {
  if (accuracies.length === 1) return percent(mean)
  const [lowest, highest] = [smallestOf(accuracies), largestOf(accuracies)]
  return `${percent(mean)} on average of ${accuracies.length} runs (${(100 * lowest).toFixed(2)} to ${percent(highest)})`
}

/** Other test pictures would give other shares, other seeds too. */
function certainty(best: RunGroup, second: RunGroup): string {
  const proportion = ({ mean, runs }: RunGroup) => ({ share: mean, count: runs[0]!.test?.count ?? 0 })
  const [one, other] = [proportion(best), proportion(second)]
  const margin = one.count > 0 && other.count > 0 ? chanceMargin(one, other) : 0
  if (best.mean - second.mean <= margin) {
    return `Other test pictures could turn that round (± ${(margin * 100).toFixed(2)} points): take them as equal.`
  }
  if (best.accuracies.length === 1 || second.accuracies.length === 1) {
    return 'More seeds of each would say how much of it is luck.'
  }
  return smallestOf(best.accuracies) > largestOf(second.accuracies)
    ? 'Every one of its runs is better than every one of the other.'
    : 'But their runs overlap: with another seed the other may be better.'
}
