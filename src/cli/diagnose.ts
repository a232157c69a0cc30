/** `fovea diagnose RUN`: what the curves of a run say, with the evidence and what to change. */
import { join } from 'node:path'
import { UserError } from '../base/errors.ts'
import { nodeFiles } from '../host/node/files.ts'
import { isFile, isFolder } from '../host/node/paths.ts'
import { readRunLines } from '../store/run-file.ts'
import { type Curves, curvesOfCsv, curvesOfRun } from '../train/diagnosis/curves.ts'
import { diagnose as diagnoseCurves } from '../train/diagnosis/diagnose.ts'
import type { Finding } from '../train/diagnosis/finding.ts'
import { factsOfRun, type RunFacts } from '../train/diagnosis/run-facts.ts'
import { runFiles } from '../train/run-recipe.ts'
import { command } from './command.ts'
import { type ChartOutput, curvesText } from './curves-text.ts'
import type { DiagnoseDocument } from './documents.ts'
import { nextForRun } from './next-command.ts'
import { commonOptions } from './options.ts'

export const diagnose = command({
  name: 'diagnose',
  summary: 'what the curves of a run say, and what to change',
  positional: {
    name: 'RUN',
    help: 'a run directory, or a CSV file of epochs as CSVLogger writes it',
    least: 1,
    most: 1,
  },
  options: commonOptions,
  examples: ['diagnose runs/shapes-cnn-1-1', 'diagnose history.csv --json'],
  run: async (context, { words: [word] }) => {
    const { curves, facts } = await evidenceOf(word!)
    const document: DiagnoseDocument = { findings: diagnoseCurves(curves, facts) }
    const next = (await isFolder(word!)) ? await nextForRun(word!) : 'recipes'
    return { document, text: readingText(curves, facts, document.findings, context.stdout), next }
  },
})

/** Curves and facts of a run directory or a CSV file. */
export async function evidenceOf(path: string): Promise<{ readonly curves: Curves; readonly facts: RunFacts }> {
  if (await isFolder(path)) {
    const events = join(path, runFiles.events)
    if (!(await nodeFiles.exists(events))) {
      throw new UserError({
        what: `${path} holds no run.`,
        expected: `a run directory with ${runFiles.events}`,
        fix: 'Name the directory that train printed, or a CSV file of epochs.',
      })
    }
    const records = readRunLines(new TextDecoder().decode(await nodeFiles.read(events, 'events')), events)
    return { curves: curvesOfRun(records, path), facts: factsOfRun(records) }
  }
  if (!(await isFile(path))) {
    throw new UserError({
      what: `There is no run ${path}.`,
      expected: 'a run directory, or a CSV file of epochs',
      fix: 'Check the path; runs are made by train.',
    })
  }
  return { curves: curvesOfCsv(new TextDecoder().decode(await nodeFiles.read(path, 'text')), path), facts: {} }
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
