/**
 * `run.jsonl`: the story of a run, one JSON object a line, only ever added to. The first field of each is `type`.
 * In: records. Out: lines; and back. What a crash left of a last line is left out, any other damage is an error.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { isJsonRecord, type JsonRecord } from '../base/json.ts'
import { parseJson } from '../base/strict-json.ts'
import { linesOf, textOf } from '../base/text-file.ts'

export type RunRecord = JsonRecord & { readonly type: string }

/** One line with its line end. Numbers that JSON has no word for (NaN, infinities) become strings, so that none is lost. */
export function runLine(record: { readonly type: string }): string {
  return `${JSON.stringify(record, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`
}

/** Reads a run file, however its text is saved. Throws UserError with the number of a damaged line. */
export function readRunFile(bytes: Uint8Array, source: string): RunRecord[] {
  return readRunLines(textOf(bytes, source, { cutOff: true }), source)
}

/** Reads the text of a run file. */
export function readRunLines(text: string, source = 'run.jsonl'): RunRecord[] {
  return wholeLines(text).map((line, index) => {
    const record = recordIn(line)
    if (record) return record
    throw new UserError({
      what: `line ${index + 1} of ${source} is damaged`,
      expected: 'a JSON object with a "type"',
      received: line.length > 80 ? `${line.slice(0, 80)}…` : line,
    })
  })
}

/** Whether a text is a run file, which may have another name: a run's first line says what was trained. */
export function isRunStory(text: string): boolean {
  return recordIn(linesOf(text.slice(0, 1e6))[0] ?? '')?.type === 'run'
}

/** All lines, but for a last one without an end that is no record: a crash cut it off. */
function wholeLines(text: string): string[] {
  const lines = linesOf(text)
  const ended = text === '' || /[\r\n]$/.test(text)
  return ended || recordIn(lines.at(-1)!) ? lines : lines.slice(0, -1)
}

function recordIn(line: string): RunRecord | undefined {
  try {
    const value = parseJson(line)
    return isJsonRecord(value) && typeof value['type'] === 'string' ? (value as RunRecord) : undefined
  } catch {
    return undefined
  }
}

export interface RunFile {
  readonly path: string
  add(record: { readonly type: string }): Promise<void>
}

/**
 * A run file at `path`, in the order of the calls. Before the first of them the file is made sound: what a crash left of its last line goes.
 * One that somebody removes meanwhile is written again from its beginning, since lines without their first ones tell nothing.
 */
export function runFile(files: Files, path: string): RunFile {
  let written: Promise<string> | undefined
  return {
    path,
    async add(record) {
      const line = runLine(record)
      written = (written ?? soundText(files, path)).then(async before => {
        const isGone = before !== '' && !(await files.exists(path))
        await files.append(path, isGone ? before + line : line)
        return before + line
      })
      await written
    },
  }
}

/**
 * A line added behind one that was cut off would be lost with it, and behind a whole one without an end both would be. A file that another
 * program saved in its own way is written again in ours: a line in UTF-8 cannot be added to UTF-16.
 */
async function soundText(files: Files, path: string): Promise<string> {
  if (!(await files.exists(path))) return ''
  const bytes = await files.read(path, 'events')
  const lines = wholeLines(textOf(bytes, path, { cutOff: true }))
  const text = lines.map(line => `${line}\n`).join('')
  const sound = new TextEncoder().encode(text)
  const same = sound.length === bytes.length && sound.every((byte, index) => byte === bytes[index])
  if (!same) await files.write(path, sound)
  return text
}
