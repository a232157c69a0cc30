/**
 * `labels.jsonl`: what somebody who looked at a run's pictures said of them, one change a line, only ever added to. The state of a picture
 * is computed from it. An undo is a line too: it takes back the last change that is still in force. Files are called as in `pictures.json`,
 * wherever they were moved to since.
 */
import { UserError } from '../base/errors.ts'
import { list, oneOf, parse, record, text, that } from '../base/schema.ts'
import type { RunRecord } from './run-file.ts'
import { type PartName, partNames, type RunPictures } from './run-pictures.ts'

/** Pictures got another class. What was set aside is used again. */
export interface Relabelling {
  readonly type: 'relabel'
  readonly files: readonly string[]
  /** Their classes before, one each: for readers. */
  readonly from: readonly string[]
  readonly to: string
  readonly date: string
}

/** Pictures were set aside, or brought back with the class they had. */
export interface SettingAside {
  readonly type: 'set-aside' | 'restore'
  readonly files: readonly string[]
  readonly date: string
}

export type LabelChange = Relabelling | SettingAside

/** A picture of the run before that was set aside there. */
export interface InheritedPicture {
  readonly file: string
  readonly className: string
  readonly part: PartName
}

export type LabelLine =
  | LabelChange
  | { readonly type: 'undo'; readonly date: string }
  /** A file is moved; the line is written before. Both places are relative to the folder. */
  | { readonly type: 'move'; readonly file: string; readonly to: string; readonly date: string }
  /** What a run that goes on from another one takes over. */
  | { readonly type: 'inherit'; readonly setAside: readonly InheritedPicture[]; readonly date: string }

/** A picture with all that was said of it. */
export interface LabelledPicture {
  readonly file: string
  readonly part: PartName
  readonly className: string
  readonly setAside: boolean
  /** Whether that is not as the run was trained. */
  readonly changed: boolean
  /** The class it was trained with. */
  readonly trainedAs: string
  /** Whether it was set aside already, and not trained with. */
  readonly trainedAside: boolean
}

const files = list(text, 'file names')
/** Files are moved there, and from there: never out of the folder of the pictures. */
const place = that<string>(
  'a path within the folder of the pictures',
  value => typeof value === 'string' && !/^[/\\]|^\w:|\0/.test(value) && !value.split(/[/\\]/).includes('..'),
)
const lines: Readonly<Record<string, ReturnType<typeof record>>> = {
  relabel: record({ type: text, files, from: files, to: text, date: text }),
  'set-aside': record({ type: text, files, date: text }),
  restore: record({ type: text, files, date: text }),
  undo: record({ type: text, date: text }),
  move: record({ type: text, file: place, to: place, date: text }),
  inherit: record({
    type: text,
    setAside: list(record({ file: text, className: text, part: oneOf(partNames) }), 'pictures'),
    date: text,
  }),
}

/** The lines of a log, checked. Throws UserError with the number of one that is none; `source` names the file. */
export function labelLines(records: readonly RunRecord[], source: string): LabelLine[] {
  return records.map((line, index) => {
    const where = `Line ${index + 1} of ${source}`
    if (Object.hasOwn(lines, line.type)) return parse(lines[line.type]!, line, where, 'Field') as unknown as LabelLine
    throw new UserError({
      what: `${where} is no change of labels.`,
      expected: `a "type" of ${Object.keys(lines).join(', ')}`,
      received: line.type,
      fix: 'take the line out, or read the log with the version that wrote it',
    })
  })
}

/** The changes that nobody took back, in their order. An undo without a change before it does nothing. */
export function changesInForce(log: readonly LabelLine[]): LabelChange[] {
  const changes: LabelChange[] = []
  for (const line of log) {
    if (line.type === 'undo') changes.pop()
    else if (line.type !== 'move' && line.type !== 'inherit') changes.push(line)
  }
  return changes
}

/** All pictures of a run, and those it took over set aside, each once, as the log leaves them. */
export function labelsAfter(log: readonly LabelLine[], pictures: RunPictures): LabelledPicture[] {
  const before = picturesBefore(log, pictures)
  const now = new Map([...before].map(([file, { className, setAside }]) => [file, { className, setAside }]))
  for (const change of changesInForce(log)) {
    if (change.type === 'relabel') checkClass(change, pictures)
    for (const file of change.files) {
      const state = now.get(file)
      if (state === undefined) continue
      state.setAside = change.type === 'set-aside'
      if (change.type === 'relabel') state.className = change.to
    }
  }
  return [...before].map(([file, { part, className, setAside }]) => {
    const state = now.get(file)!
    const changed = state.className !== className || state.setAside !== setAside
    return { file, part, ...state, changed, trainedAs: className, trainedAside: setAside }
  })
}

function picturesBefore(log: readonly LabelLine[], { classNames, parts }: RunPictures) {
  const before = new Map<string, { readonly part: PartName; readonly className: string; readonly setAside: boolean }>()
  // Of a run that was validated on its test pictures they are test pictures.
  for (const part of ['train', 'test', 'validation'] as const) {
    const { files, labels } = parts[part] ?? { files: [], labels: [] }
    for (const [row, file] of files.entries()) {
      if (!before.has(file)) before.set(file, { part, className: classNames[labels[row]!]!, setAside: false })
    }
  }
  for (const line of log) {
    if (line.type !== 'inherit') continue
    for (const { file, className, part } of line.setAside)
      if (!before.has(file)) before.set(file, { part, className, setAside: true })
  }
  return before
}

function checkClass({ to }: Relabelling, { classNames }: RunPictures): void {
  if (classNames.includes(to)) return
  throw new UserError({
    what: 'The log of labels names a class that the run does not have.',
    expected: classNames.join(', '),
    received: to,
  })
}

/** Pictures that are used with another class than before, and those that are not used. */
export function labelCounts(pictures: readonly LabelledPicture[]) {
  return {
    relabelled: pictures.filter(({ setAside, className, trainedAs }) => !setAside && className !== trainedAs).length,
    setAside: pictures.filter(({ setAside }) => setAside).length,
  }
}

/** The change as a line of the log; undefined where these pictures are so already. */
export function changeOf(
  type: LabelChange['type'],
  chosen: readonly LabelledPicture[],
  to: string | undefined,
  date: string,
): LabelChange | undefined {
  const others = chosen.filter(({ className, setAside }) =>
    type === 'relabel' ? setAside || className !== to : setAside !== (type === 'set-aside'),
  )
  if (others.length === 0) return undefined
  const files = others.map(({ file }) => file)
  if (type !== 'relabel') return { type, files, date }
  return { type, files, from: others.map(({ className }) => className), to: to!, date }
}
