/**
 * The `result.json` of a run, read again: every number checked, so that a file that was damaged, or is of another program, ends in a
 * sentence and never in a page of wrong figures. In: text. Out: the report. JSON has no NaN: what was none is null in the file. Fields
 * that this version does not know are left out.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import {
  custom,
  dictionary,
  type Fields,
  isPlainRecord,
  list,
  nullable,
  optional,
  type ParsedFields,
  parse,
  record,
  type Schema,
  text,
  whole,
} from '../base/schema.ts'
import { parseJson } from '../base/strict-json.ts'
import { testViews } from '../base/test-views.ts'
import { textOf } from '../base/text-file.ts'
import type { TrainReport } from './report.ts'
import { runFiles } from './run-files.ts'

const least = (lowest: number, expected: string): Schema<number> =>
  custom(expected, value => (typeof value === 'number' && value >= lowest ? value : undefined))
/** A loss, which may have been no number; L1 and L2 aside, some losses are below 0. */
const loss: Schema<number> = custom('a number, or null for what was none', value =>
  value === null ? Number.NaN : typeof value === 'number' ? value : undefined,
)
const share: Schema<number> = custom('a number from 0 to 1', value =>
  typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined,
)
const seconds = least(0, 'a number of at least 0')

/** The record of these fields; others are passed over. */
function known<F extends Fields>(fields: F): Schema<ParsedFields<F>> {
  const exact = record(fields)
  const own = (value: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(fields, name)))
  return { ...exact, read: (value, at) => exact.read(isPlainRecord(value) ? own(value) : value, at) }
}

/** Those beside loss and accuracy; a result without any has no such field. */
const metrics = { metrics: optional(dictionary(loss, 'numbers by metric')) }

const epoch = known({
  epoch: whole(1),
  loss,
  accuracy: loss,
  valLoss: nullable(loss),
  valAccuracy: nullable(loss),
  learningRate: seconds,
  seconds,
  ...metrics,
})

const report: Schema<TrainReport> = known({
  recipe: text,
  dataset: text,
  seed: whole(0),
  threads: whole(1),
  epochs: whole(1),
  params: whole(0),
  history: list(epoch, 'epochs', { least: 1 }),
  best: nullable(known({ epoch: whole(1), valLoss: nullable(loss) })),
  test: nullable(known({ loss, accuracy: share, ...metrics, views: optional(testViews) })),
  seconds,
  compileSeconds: seconds,
  msPerStep: seconds,
  peakBytes: seconds,
  weightsSha256: text,
  runDir: nullable(text),
})

/** Throws UserError with every field that cannot be. */
export function reportFromJson(content: string, path: string): TrainReport {
  let value: unknown
  try {
    value = parseJson(content)
  } catch {
    value = undefined
  }
  const fix = 'train again, or name another run directory'
  if (!isPlainRecord(value)) throw new UserError({ what: `${path} is not the result of a run`, fix })
  try {
    return parse(report, value, path, 'Field')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError([{ what: `${path} is not the result of a run`, fix }, ...error.problems])
  }
}

/** The report of a finished run directory; undefined when there is none. Throws UserError when it is damaged. */
export async function readReport(files: Files, runDir: string): Promise<TrainReport | undefined> {
  const path = files.join(runDir, runFiles.result)
  return (await files.exists(path)) ? reportFromJson(textOf(await files.read(path, 'text'), path), path) : undefined
}
