/**
 * `pictures.json`: which files of the user's own a run was trained, validated and tested on, row for row as the predictions and
 * embeddings of the run have them. In: the parts of a data set whose pictures have names. Out: JSON; and back, checked.
 */
import { UserError } from '../base/errors.ts'
import { list, optional, parse, record, text, whole } from '../base/schema.ts'
import { parseJson } from '../base/strict-json.ts'
import { textOf } from '../base/text-file.ts'
import type { PictureSource } from '../data/picture-source.ts'

export const partNames = ['train', 'validation', 'test'] as const
export type PartName = (typeof partNames)[number]

/** The files of one part, in the order of its rows. */
export interface NamedPictures {
  /** Relative to the folder, with `/`. */
  readonly files: readonly string[]
  /** A class number for each. */
  readonly labels: readonly number[]
}

/** The files of a run. */
export interface RunPictures {
  /** The folder that the names of the files start from. */
  readonly folder: string
  readonly classNames: readonly string[]
  readonly parts: Readonly<Partial<Record<PartName, NamedPictures>>>
}

type NamedSource = PictureSource & { readonly names: readonly string[] }

/** Parts by name, those with names for their pictures; a test part that validates too is the test part alone, so no picture comes twice. */
export function namedParts(
  data: Readonly<Partial<Record<PartName, PictureSource | undefined>>>,
): (readonly [PartName, NamedSource])[] {
  return partNames.flatMap(name => {
    const part = data[name]
    if (part?.names === undefined || (name === 'validation' && part === data.test)) return []
    return [[name, part as NamedSource] as const]
  })
}

/** Undefined where the pictures have no names. */
export function runPictures(folder: string, data: Parameters<typeof namedParts>[0]): RunPictures | undefined {
  const named = namedParts(data)
  const [first] = named
  if (!first) return undefined
  return {
    folder,
    classNames: first[1].classNames,
    parts: Object.fromEntries(named.map(([name, { names, labels }]) => [name, { files: names, labels: [...labels] }])),
  }
}

export function encodeRunPictures(pictures: RunPictures): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(pictures)}\n`)
}

const part = record({ files: list(text, 'file names'), labels: list(whole(0), 'class numbers') })
const schema = record({
  folder: text,
  classNames: list(text, 'texts', { least: 1 }),
  parts: record({ train: optional(part), validation: optional(part), test: optional(part) }),
})

/** Throws UserError where it is damaged; `source` names the file. */
export function decodeRunPictures(bytes: Uint8Array, source: string): RunPictures {
  const pictures = parse(schema, valueIn(textOf(bytes, source)), source, 'Field') as RunPictures
  for (const name of partNames) {
    const { files = [], labels = [] } = pictures.parts[name] ?? {}
    if (files.length === labels.length && labels.every(label => label < pictures.classNames.length)) continue
    throw new UserError({
      what: `${source} is damaged: the ${name} part has other labels than files.`,
      expected: `${files.length} class numbers below ${pictures.classNames.length}`,
      received: `${labels.length}, the largest ${labels.reduce((most, label) => Math.max(most, label), 0)}`,
    })
  }
  // A part that the run does not have is no entry either: who goes through the parts finds those that are.
  const parts = Object.entries(pictures.parts).filter(([, part]) => part !== undefined)
  return { ...pictures, parts: Object.fromEntries(parts) }
}

/** Undefined, which is no record, for what is not JSON. */
function valueIn(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
