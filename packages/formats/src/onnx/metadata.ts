/** What stands in the metadata of an ONNX file: names of classes, the way from a picture to the input. In: texts. Out: the parts of a model file. */
import type { JsonRecord } from 'fovea/internal/base/json'
import { jsonOf, type ModelFile } from 'fovea/internal/store/model-file'
import type { OnnxModel } from './onnx-model.ts'

/** The keys that Fovea writes. */
export const metadataKeys = {
  classNames: 'fovea.classNames',
  preprocess: 'fovea.preprocess',
  channelsFirst: 'fovea.channelsFirst',
} as const

/** Which inputs and outputs are [channels, height, width] in the file, and [height, width, channels] in the network. */
export interface TurnedAxes {
  readonly inputs: readonly boolean[]
  readonly outputs: readonly boolean[]
}

/** What a file that Fovea wrote says of its axes; in files of others they are guessed. */
export function turnedAxesOf({ metadata, graph }: OnnxModel, source: string): TurnedAxes | undefined {
  const areMarks = (value: unknown, count: number): boolean =>
    Array.isArray(value) && value.length === count && value.every(mark => typeof mark === 'boolean')
  const isTold = (value: unknown): value is { readonly [K in keyof TurnedAxes]: boolean[] } => {
    const told = Object(value) as Readonly<Record<string, unknown>>
    return areMarks(told['inputs'], graph.inputs.length) && areMarks(told['outputs'], graph.outputs.length)
  }
  return jsonOf(metadata, metadataKeys.channelsFirst, source, isTold)
}

/** For a network of so many classes. Throws UserError where Fovea's own entries are damaged. */
export function readMetadata(
  { metadata }: OnnxModel,
  source: string,
  classes: number,
): Pick<ModelFile, 'classNames' | 'preprocess'> & { readonly notes: readonly string[] } {
  const isNames = (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.every(name => typeof name === 'string')
  const isRecord = (value: unknown): value is JsonRecord =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const own = jsonOf(metadata, metadataKeys.classNames, source, isNames)
  const others = own ? undefined : namesOf(metadata['names'])
  // In files of others they may be of something else, such as the boxes of a detector.
  const fits = others === undefined || others.length === classes || (classes === 1 && others.length === 2)
  const classNames = own ?? (fits ? others : undefined)
  const preprocess = jsonOf(metadata, metadataKeys.preprocess, source, isRecord)
  const note = `The file has ${others?.length} names, and the network ${classes} outputs: the names are left out.`
  return { ...(classNames && { classNames }), ...(preprocess && { preprocess }), notes: fits ? [] : [note] }
}

/** `{0: 'cat', 1: "dog's"}`, as Ultralytics writes names: a dictionary of Python from 0 on. */
function namesOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text.length > 1e6) return undefined
  const inside = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1]
  if (inside === undefined) return undefined
  const entry = /\s*(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,|$)/y
  const names: string[] = []
  while (entry.lastIndex < inside.length) {
    const found = entry.exec(inside)
    if (!found || Number(found[1]) !== names.length) return undefined
    names.push((found[2] ?? found[3]!).replace(/\\(.)/g, '$1'))
  }
  return names.length > 0 ? names : undefined
}
