/**
 * The pictures of a run that goes on from another one: classes as they were mended, parts as they were, without what was set aside, with
 * what is new in the folder. In: the files and the log of the run before, and what lies in the folder now. Out: files and classes for the
 * next run, and what is different.
 */
import { type InheritedPicture, type LabelLine, labelCounts, labelsAfter } from './label-log.ts'
import { placesOf } from './moved-files.ts'
import { type PartName, partNames, type RunPictures } from './run-pictures.ts'

/** A picture as its folder, or a table, has it. */
export interface ListedPicture {
  readonly file: string
  readonly className: string
  /** Where its owner says it. */
  readonly part?: PartName | undefined
}

export interface NextRound {
  readonly pictures: RunPictures
  /** Pictures with another class than before, and those that were set aside since. */
  readonly relabelled: number
  readonly newlySetAside: number
  /** Files that the run before did not know; those of classes it does not know are left out. */
  readonly added: readonly string[]
  readonly unknownClasses: readonly string[]
  /** Files of the run before that are gone. */
  readonly missing: readonly string[]
  /** For the log of the next run: all that is set aside, where it lies. */
  readonly setAside: readonly InheritedPicture[]
}

export function nextRound(
  pictures: RunPictures,
  log: readonly LabelLine[],
  listed: readonly ListedPicture[],
  /** Whether a file lies at this place, listed or not: what was set aside may be used again. */
  exists: (place: string) => boolean,
): NextRound {
  const { folder, classNames } = pictures
  const places = placesOf(log)
  const labelled = labelsAfter(log, pictures).map(picture => {
    const place = places(picture.file).find(exists)
    return { ...picture, isThere: place !== undefined, place: place ?? places(picture.file)[0]! }
  })
  const known = new Set(labelled.map(({ place }) => place))
  const others = listed.filter(({ file }) => !known.has(file))
  const added = others.filter(({ className }) => classNames.includes(className))

  const byFile = new Map(labelled.map(picture => [picture.file, picture]))
  const restored = labelled.filter(({ trainedAside }) => trainedAside)
  const partOf = (part: PartName) => {
    const before = (pictures.parts[part]?.files ?? []).map(file => byFile.get(file)!)
    const own = [...before, ...restored.filter(picture => picture.part === part)].filter(
      ({ isThere, setAside }) => isThere && !setAside,
    )
    const more = added.filter(picture => (picture.part ?? 'train') === part)
    const all = [...own.map(({ place, className }) => ({ file: place, className })), ...more]
    return {
      files: all.map(({ file }) => file),
      labels: all.map(({ className }) => classNames.indexOf(className)),
    }
  }
  const parts = partNames.map(name => [name, partOf(name)] as const).filter(([, { files }]) => files.length > 0)
  return {
    pictures: { folder, classNames, parts: Object.fromEntries(parts) },
    relabelled: labelCounts(labelled).relabelled,
    newlySetAside: labelled.filter(({ setAside, changed }) => setAside && changed).length,
    added: added.map(({ file }) => file),
    unknownClasses: [...new Set(others.map(({ className }) => className))].filter(name => !classNames.includes(name)),
    missing: labelled.filter(({ isThere, setAside }) => !isThere && !setAside).map(({ file }) => file),
    setAside: labelled
      .filter(({ setAside }) => setAside)
      .map(({ place, className, part }) => ({ file: place, className, part })),
  }
}
