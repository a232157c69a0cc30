/**
 * Where the pictures of a run lie, and where they should: a relabelled one in the folder of its class, one that was set aside in
 * `.set-aside`, which listings pass over. In: the log of labels, and what is there. Out: places and planned moves; nothing is moved here.
 */
import type { LabelLine, LabelledPicture } from './label-log.ts'

/** Relative to the folder of the pictures; the path below it is kept. */
export const setAsideFolder = '.set-aside'

/** The places a picture may be found at, the latest first: a move may have been written down and not done. */
export function placesOf(log: readonly LabelLine[]): (file: string) => readonly string[] {
  const places = new Map<string, readonly string[]>()
  const of = (file: string): readonly string[] => places.get(file) ?? [file]
  for (const line of log) {
    if (line.type === 'move') places.set(line.file, [line.to, ...of(line.file).filter(place => place !== line.to)])
  }
  return of
}

export interface Move {
  /** As the run calls it. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Moves in their order, and pictures that cannot be moved, with the reason. */
export interface MovePlan {
  readonly moves: readonly Move[]
  readonly stuck: readonly { readonly file: string; readonly reason: string }[]
}

type Exists = (place: string) => Promise<boolean>

/** What brings every picture to where its label says. No planned place is taken: a number is added to the name where it would be. */
export function movesToLabels(
  pictures: readonly LabelledPicture[],
  log: readonly LabelLine[],
  classNames: readonly string[],
  exists: Exists,
): Promise<MovePlan> {
  const folders = classFolders(pictures, classNames)
  const wanted = pictures.map(picture => ({ file: picture.file, place: wantedPlace(picture, classNames, folders) }))
  return movesTo(wanted, log, exists)
}

/** What brings every picture that was moved back to where it was. */
export function movesBack(log: readonly LabelLine[], exists: Exists): Promise<MovePlan> {
  const moved = new Set(log.flatMap(line => (line.type === 'move' ? [line.file] : [])))
  const wanted = [...moved].map(file => ({ file, place: file }))
  return movesTo(wanted, log, exists)
}

async function movesTo(
  wanted: readonly { readonly file: string; readonly place: string | undefined }[],
  log: readonly LabelLine[],
  exists: Exists,
): Promise<MovePlan> {
  const places = placesOf(log)
  const moves: Move[] = []
  const stuck: { file: string; reason: string }[] = []
  const taken = new Set<string>()
  for (const { file, place } of wanted) {
    const known = places(file)
    if (place !== undefined && known.length === 1 && place === file) continue
    const from = await firstThat(known, exists)
    if (place === undefined) stuck.push({ file, reason: 'its class is not that of a folder' })
    else if (from === undefined) stuck.push({ file, reason: 'it is not there any more' })
    else if (!isNumbered(from, place)) {
      const to = (await firstThat(numbered(place), async name => !taken.has(name) && !(await exists(name))))!
      taken.add(to)
      moves.push({ file, from, to })
    }
  }
  return { moves, stuck }
}

async function firstThat(
  places: Iterable<string>,
  fits: (place: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const place of places) if (await fits(place)) return place
  return undefined
}

/** `a.jpg`, `a (2).jpg`, `a (3).jpg` … */
function* numbered(place: string): Generator<string> {
  yield place
  const [base, ending] = parted(place)
  for (let number = 2; ; number++) yield `${base} (${number})${ending}`
}

function isNumbered(place: string, plain: string): boolean {
  if (place === plain) return true
  const [base, ending] = parted(plain)
  if (!place.startsWith(`${base} (`) || !place.endsWith(`)${ending}`)) return false
  return /^\d+$/.test(place.slice(base.length + 2, place.length - ending.length - 1))
}

function parted(place: string): readonly [base: string, ending: string] {
  const dot = place.lastIndexOf('.')
  return dot > place.lastIndexOf('/') + 1 ? [place.slice(0, dot), place.slice(dot)] : [place, '']
}

/** The path of a picture, and which of its steps is the folder of a class: the first, or the second below `train`, `test` … */
function pathOf(file: string, classNames: readonly string[]): { readonly steps: string[]; readonly at: number } {
  const steps = file.split('/')
  if (steps[0] === setAsideFolder) steps.shift()
  const isClass = (at: number): boolean => at < steps.length - 1 && classNames.includes(steps[at]!.normalize('NFC'))
  const isPart = /^(train|training|val|valid|validation|dev|test|testing)$/i.test(steps[0]!)
  return { steps, at: (isPart ? [1, 0] : [0, 1]).find(isClass) ?? -1 }
}

/** What the folder of a class is called on disk, by what stands before it and the class. */
function classFolders(pictures: readonly LabelledPicture[], classNames: readonly string[]): Map<string, string> {
  const folders = new Map<string, string>()
  for (const { file } of pictures) {
    const { steps, at } = pathOf(file, classNames)
    if (at >= 0) folders.set([...steps.slice(0, at), steps[at]!.normalize('NFC')].join('/'), steps[at]!)
  }
  return folders
}

/** Undefined where no folder says the class, or none can be called like it. */
function wantedPlace(
  { file, className, setAside, changed }: LabelledPicture,
  classNames: readonly string[],
  folders: ReadonlyMap<string, string>,
): string | undefined {
  const { steps, at } = pathOf(file, classNames)
  if (at < 0 || steps.includes('..')) return changed ? undefined : file
  if (setAside) return [setAsideFolder, ...steps].join('/')
  if (steps[at]!.normalize('NFC') === className) return steps.join('/')
  const folder = folders.get([...steps.slice(0, at), className].join('/')) ?? className
  return /[/\\]|^\.\.?$/.test(folder) ? undefined : steps.with(at, folder).join('/')
}
