/**
 * What a run that goes on from another one takes over: the classes as they were mended, the parts as they were, what was set aside. In: the
 * files and the log of the run before, and what lies in the folder now. Out: a label and a part for each file; one that is new has neither.
 */
import { type InheritedPicture, type LabelLine, labelCounts, labelsAfter } from './label-log.ts'
import { placesOf } from './moved-files.ts'
import type { PartName, RunPictures } from './run-pictures.ts'

export interface NextRound {
  /** Of a file as it lies in the folder now. Undefined: it is new, its folder says its class. */
  labelOf(file: string): { readonly className: string } | 'set-aside' | undefined
  /** Undefined: it is new. */
  partOf(file: string): PartName | undefined
  /** Pictures with another class than before, and those that were set aside since. */
  readonly relabelled: number
  readonly newlySetAside: number
  /** Files that the run before did not know. */
  readonly added: readonly string[]
  /** Files of the run before that are gone. */
  readonly missing: readonly string[]
  /** For the log of the next run: what was set aside, where it lies. */
  readonly setAside: readonly InheritedPicture[]
}

export function nextRound(
  pictures: RunPictures,
  log: readonly LabelLine[],
  /** All pictures in the folder, of `.set-aside` too where they were moved there. */
  present: Iterable<string>,
): NextRound {
  const there = new Set(present)
  const places = placesOf(log)
  const labelled = labelsAfter(log, pictures)
  const found = labelled.map(picture => ({ ...picture, place: places(picture.file).find(place => there.has(place)) }))
  const known = new Map(found.flatMap(picture => (picture.place === undefined ? [] : [[picture.place, picture]])))
  return {
    labelOf(file) {
      const picture = known.get(file)
      return picture?.setAside ? 'set-aside' : picture && { className: picture.className }
    },
    partOf: file => known.get(file)?.part,
    relabelled: labelCounts(labelled).relabelled,
    newlySetAside: labelled.filter(({ setAside, changed }) => setAside && changed).length,
    added: [...there].filter(file => !known.has(file)),
    missing: found.filter(({ place, setAside }) => place === undefined && !setAside).map(({ file }) => file),
    setAside: found
      .filter(({ setAside }) => setAside)
      .map(({ place, file, className, part }) => ({ file: place ?? places(file)[0]!, className, part })),
  }
}
