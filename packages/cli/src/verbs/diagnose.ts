/** `fovea diagnose RUN`: what the curves of a run say, with the evidence and what to change. */
import { dirname, join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { shellWord, shortList } from 'fovea/internal/base/text'
import type { Curves } from 'fovea/internal/diagnosis/curves'
import { diagnose as diagnoseCurves } from 'fovea/internal/diagnosis/diagnose'
import type { Finding } from 'fovea/internal/diagnosis/finding'
import type { HistoryColumns, ReadColumn } from 'fovea/internal/diagnosis/history-columns'
import { curvesOfRun, historyOfText } from 'fovea/internal/diagnosis/history-files'
import { factsOfRun, type RunFacts } from 'fovea/internal/diagnosis/run-facts'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { isFile, isFolder } from 'fovea/internal/host/node/paths'
import { isRunStory, readRunFile, readRunLines } from 'fovea/internal/run/run-file'
import { runFiles } from 'fovea/internal/run/run-files'
import { command } from '../command/command.ts'
import type { DiagnoseDocument } from '../command/documents.ts'
import { nextForRun } from '../command/next-command.ts'
import { commonOptions } from '../command/options.ts'
import { readText } from '../command/text-input.ts'
import { type ChartOutput, curvesText } from '../terminal/curves-text.ts'

export const diagnose = command({
  positional: {
    name: 'RUN',
    help: 'a run directory, or a history as other tools write it: CSV (Keras, pandas, fastai, Lightning, Ultralytics), trainer_state.json, JSON of lists by name',
    least: 1,
    most: 1,
  },
  options: commonOptions,
  examples: ['diagnose runs/shapes-cnn-1-1', 'diagnose history.csv --json'],
  run: async (context, { words: [word] }) => {
    const { curves, facts, columns } = await evidenceOf(word!)
    const document: DiagnoseDocument = { findings: diagnoseCurves(curves, facts), ...(columns && { columns }) }
    const next = columns ? undefined : await nextFor(word!, facts)
    const reading = readingText(curves, facts, document.findings, context.stdout)
    return { document, text: columns ? `${reading}\n\n${columnsText(columns)}` : reading, ...(next && { next }) }
  },
})

/** The story of a run may lie anywhere: its folder is a run directory only with what training leaves there. */
async function nextFor(word: string, { interrupted }: RunFacts): Promise<string> {
  const folder = (await isFolder(word)) ? word : dirname(word)
  if (folder !== word && !(await nodeFiles.exists(join(folder, runFiles.checkpoint)))) return 'recipes'
  return interrupted ? `train --resume ${shellWord(folder)}` : nextForRun(folder)
}

export interface Evidence {
  readonly curves: Curves
  readonly facts: RunFacts
  /** Of a file: which of its columns are the curves. */
  readonly columns?: HistoryColumns
}

/** Weights say nothing of how training went. */
const historyInstead = () => 'Name a run directory, or the history of a training: CSV or JSON.'

/** Curves and facts of a run directory or of a history in a file. */
export async function evidenceOf(path: string): Promise<Evidence> {
  if (await isFolder(path)) {
    const events = join(path, runFiles.events)
    if (!(await nodeFiles.exists(events))) {
      throw new UserError({
        what: `${path} holds no run.`,
        expected: `a run directory with ${runFiles.events}`,
        fix: 'Name the directory that train printed, or a file of epochs.',
      })
    }
    const records = readRunFile(await nodeFiles.read(events, 'events'), events)
    return { curves: curvesOfRun(records, path), facts: factsOfRun(records) }
  }
  if (!(await isFile(path))) {
    throw new UserError({
      what: `There is no run ${path}.`,
      expected: 'a run directory, or a file of epochs',
      fix: 'Check the path; runs are made by train.',
    })
  }
  const text = await readText(path, path.endsWith('.jsonl') ? 'events' : 'text', historyInstead)
  if (!isRunStory(text)) return { ...historyOfText(text, path), facts: {} }
  const records = readRunLines(text, path)
  return { curves: curvesOfRun(records, path), facts: factsOfRun(records) }
}

/** The curves, then one paragraph a finding. */
export function readingText(
  curves: Curves,
  facts: RunFacts,
  findings: readonly Finding[],
  output: ChartOutput,
): string {
  const charts = curvesText(curves, facts.perClass?.length, output)
  const paragraphs = findings
    .map(({ kind, evidence, advice }) => `${kind.replaceAll('-', ' ')}: ${evidence}\n  ${advice}`)
    .join('\n')
  return charts === '' ? paragraphs : `${charts}\n\n${paragraphs}`
}

const meanings = {
  epoch: 'the epoch',
  step: 'the step',
  loss: 'training loss',
  accuracy: 'training accuracy',
  valLoss: 'validation loss',
  valAccuracy: 'validation accuracy',
} as const

/** `Read: train_loss as training loss, valid_loss as validation loss. Passed over: time.` */
function columnsText({ read, passedOver, empty }: HistoryColumns): string {
  const told = ({ column, role, mistakes }: ReadColumn): string =>
    `${column === '' ? 'the first column' : column} as ${mistakes ? `the opposite of ${meanings[role]}` : meanings[role]}`
  const list = (title: string, names: readonly string[]): string =>
    names.length === 0 ? '' : ` ${title}: ${shortList(names, 12)}.`
  const others = passedOver.filter(name => !empty.includes(name))
  return `Read: ${read.map(told).join(', ')}.${list('Passed over', others)}${list('Without a value', empty)}`
}
