/**
 * `run.jsonl`: the story of a run, one JSON object a line, only ever added to. The first field of each is `type`.
 * In: records. Out: lines; and back. A last line cut off by a crash is left out, any other damage is an error.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { isJsonRecord, type JsonRecord } from '../base/json.ts'

export type RunRecord = JsonRecord & { readonly type: string }

/** One line with its line end. Numbers that JSON has no word for (NaN, infinities) become strings, so that none is lost. */
export function runLine(record: { readonly type: string }): string {
  return `${JSON.stringify(record, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`
}

/** Reads the text of a run file. Throws UserError with the number of a damaged line. */
export function readRunLines(text: string, source = 'run.jsonl'): RunRecord[] {
  const lines = text.split('\n')
  const complete = lines.slice(0, -1)
  return complete.map((line, index) => {
    let record: unknown
    try {
      record = JSON.parse(line)
    } catch {
      record = undefined
    }
    if (isRunRecord(record)) return record
    throw new UserError({
      what: `line ${index + 1} of ${source} is damaged`,
      expected: 'a JSON object with a "type"',
      received: line.length > 80 ? `${line.slice(0, 80)}…` : line,
    })
  })
}

export interface RunFile {
  readonly path: string
  add(record: { readonly type: string }): Promise<void>
}

/** A run file at `path`, in the order of the calls. What a crash left of its last line goes before the first of them. */
export function runFile(files: Files, path: string): RunFile {
  let last: Promise<void> | undefined
  return {
    path,
    add(record) {
      const line = runLine(record)
      last = (last ?? removeCutLine(files, path)).then(() => files.append(path, line))
      return last
    },
  }
}

/** Else the next line would be added to it, and be lost with it. */
async function removeCutLine(files: Files, path: string): Promise<void> {
  if (!(await files.exists(path))) return
  const bytes = await files.read(path, 'events')
  const end = bytes.lastIndexOf(0x0a) + 1
  if (end < bytes.length) await files.write(path, bytes.slice(0, end))
}

function isRunRecord(value: unknown): value is RunRecord {
  return isJsonRecord(value) && typeof value['type'] === 'string'
}
