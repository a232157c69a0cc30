/** What `compare` says to people: a table of the runs, and which is better by how much. */
import { columns, duration, grouped, percent } from '../base/text.ts'
import type { ComparedRun } from './documents.ts'

export function comparisonText(runs: readonly ComparedRun[]): string {
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
  const [best, second] = [...runs].sort((a, b) => b.test.accuracy - a.test.accuracy)
  if (best && second && best.dataset === second.dataset && best.test.accuracy > second.test.accuracy) {
    lines.push('', verdict(best, second))
  }
  return lines.join('\n')
}

/** The name of a run among others: its recipe's, or where another has the same, its directory. */
export function nameAmong(runs: readonly ComparedRun[], { recipe, runDir }: ComparedRun): string {
  return runs.some(run => run.recipe === recipe && run.runDir !== runDir) ? runDir : recipe
}

/** `shapes-cnn is 40.2 points better than shapes-mlp, with 11 % of its parameters.` */
function verdict(best: ComparedRun, second: ComparedRun): string {
  const name = (run: ComparedRun) => nameAmong([best, second], run)
  const points = ((best.test.accuracy - second.test.accuracy) * 100).toFixed(1)
  const share = Math.round((best.params / second.params) * 100)
  const size = best.params === second.params ? 'as many' : `${share} % of its`
  return `${name(best)} is ${points} points better than ${name(second)}, with ${size} parameters.`
}
