/** What `compare` says to people: a table of the runs, the spread over seeds, and which is better by how much and how surely. */
import { columns, duration, grouped, percent } from 'fovea/internal/base/text'
import type { ComparedGroup, ComparedRun, CompareVerdict } from '../command/documents.ts'

export function comparisonText(
  runs: readonly ComparedRun[],
  groups: readonly ComparedGroup[],
  verdict: CompareVerdict | null,
): string {
  const right = { align: 'right' } as const
  const table = columns([
    { title: 'recipe', cells: runs.map(run => run.recipe) },
    { title: 'parameters', cells: runs.map(run => grouped(run.params)), ...right },
    { title: 'epochs', cells: runs.map(run => String(run.epochs)), ...right },
    {
      title: 'time',
      cells: runs.map(run => (run.trained ? duration(run.seconds) : `${duration(run.seconds)}, earlier`)),
      ...right,
    },
    {
      title: 'test accuracy',
      cells: runs.map(run => `${percent(run.test.accuracy)}${run.selectedOnTestSet ? ' *' : ''}`),
      ...right,
    },
    { title: 'ms per picture', cells: runs.map(run => run.msPerPicture.toFixed(3)), ...right },
    { title: 'run directory', cells: runs.map(run => run.runDir) },
  ])
  const lines = ['', table]
  if (runs.some(run => run.selectedOnTestSet)) lines.push('* selected on the test set')
  const spread = groups.filter(({ seeds }) => seeds.length > 1).map(spreadText)
  if (spread.length > 0) lines.push('', spread.join('\n'))
  if (verdict) lines.push('', verdictText(verdict, groups, runs))
  if (new Set(runs.map(({ dataset }) => dataset)).size > 1) {
    lines.push('', 'Accuracies on different data sets are not compared.')
  }
  return lines.join('\n')
}

/** The name of a run among others: its recipe's, or where another has the same, its directory. */
export function nameAmong(runs: readonly ComparedRun[], { recipe, runDir }: ComparedRun): string {
  return runs.some(run => run.recipe === recipe && run.runDir !== runDir) ? runDir : recipe
}

const points = (difference: number): string => (difference * 100).toFixed(difference < 0.001 ? 2 : 1)

/** `shapes-cnn: 88.70 % on average of 3 seeds (88.10 to 89.20 %, standard deviation 0.55 points)`. */
function spreadText({ name, seeds, accuracy: { mean, lowest, highest, deviation } }: ComparedGroup): string {
  const range = `${(lowest * 100).toFixed(2)} to ${percent(highest)}`
  const distinct = new Set(seeds).size
  const of = distinct === seeds.length ? `${seeds.length} seeds` : `${seeds.length} runs`
  return `${name}: ${percent(mean)} on average of ${of} (${range}, standard deviation ${((deviation ?? 0) * 100).toFixed(2)} points)`
}

/** `shapes-cnn is 40.2 points better than shapes-mlp, with 11 % of its parameters. …` */
function verdictText(verdict: CompareVerdict, groups: readonly ComparedGroup[], runs: readonly ComparedRun[]): string {
  const named = (name: string): ComparedGroup =>
    groups.find(group => group.name === name) ?? groups.find(({ runDirs }) => runDirs.includes(name))!
  const [best, second] = [named(verdict.best), named(verdict.second)]
  const share = Math.round((best.params / second.params) * 100)
  const size = best.params === second.params ? 'as many' : `${share} % of its`
  const mean = best !== second && best.seeds.length + second.seeds.length > 2 ? ' on average' : ''
  const isSelected = ({ runDirs }: ComparedGroup): boolean =>
    runs.some(({ runDir, selectedOnTestSet }) => selectedOnTestSet && runDirs.includes(runDir))
  const flattered = isSelected(best) && !isSelected(second)
  return [
    `${verdict.best} is ${points(verdict.difference)} points better than ${verdict.second}${mean}, with ${size} parameters.`,
    certainty(best, second, verdict),
    ...(flattered ? [`The weights of ${verdict.best} were selected on the test set, which flatters it.`] : []),
  ].join(' ')
}

function certainty(best: ComparedGroup, second: ComparedGroup, { difference, margin }: CompareVerdict): string {
  if (best === second) return 'They differ in nothing but the seed: that much is luck.'
  if (margin !== null && difference <= margin) {
    const count = grouped(best.testPictures!)
    return `That is within chance: on ${count} test pictures, luck alone makes up to ${points(margin)} points. Take them as equal.`
  }
  if (best.seeds.length === 1 || second.seeds.length === 1) {
    const luck = `${margin === null ? 'W' : 'w'}ith --seeds 1,2,3 it shows how much of it is luck of the seed.`
    return margin === null ? luck : `Luck with the test pictures makes up to ${points(margin)} points; ${luck}`
  }
  return best.accuracy.lowest > second.accuracy.highest
    ? 'Every one of its runs is better than every one of the other.'
    : 'But their runs overlap: with another seed the other may be better.'
}
