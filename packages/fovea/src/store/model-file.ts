/**
 * A trained model as one safetensors file: its weights in Keras order and layout, and in the metadata everything needed to use it
 * again: the model's configuration, the preprocessing of pictures, the class names, the recipe it was trained by.
 * In: bytes. Out: a `ModelFile` record. (Written: model-encoder.ts.) Files of other programs (weights without a configuration) read too.
 */

import { UserError } from '../base/errors.ts'
import { isJsonRecord, type Json, type JsonRecord } from '../base/json.ts'
import { formatShape, type NumericArray, sameShape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import { parseJson } from '../base/strict-json.ts'
import { shortened } from '../base/text.ts'
import type { StoredTensor, TensorFile } from './safetensors.ts'
import { decodeSafetensors } from './tensor-file.ts'

/** A weight by name (`conv2d/kernel`), in Keras's layout: kernels H, W, in, out; dense in × out. */
export interface NamedWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** A layer of a model, for files that tell weights by the places of their layers. */
export interface LayerWithWeights {
  /** Keras's class name: `Conv2D`. */
  readonly type: string
  readonly name: string
  /** As the model names them; none for most layers. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[]
}

/** What a saved model holds. */
export interface ModelFile {
  /** In Keras's order. */
  readonly weights: readonly NamedWeight[]
  /** As `modelToConfig` gives it; missing in files of other programs. */
  readonly model?: JsonRecord | undefined
  /** How a picture becomes the model's input. */
  readonly preprocess?: JsonRecord | undefined
  readonly classNames?: readonly string[] | undefined
  readonly recipe?: JsonRecord | undefined
  /** For formats from which training goes on elsewhere; safetensors files do not keep it. */
  readonly training?: TrainingState | undefined
  /** The program that wrote the file, as it says itself: `Keras 3.10.0`. Of no meaning to the model. */
  readonly writer?: string | undefined
  /** What the file says and the model does not, one sentence each: told when it is loaded, and kept nowhere. */
  readonly notes?: readonly string[] | undefined
  /**
   * Of a file of weights alone that does not name them as a model does: the weights as the model of these layers names them. Throws
   * UserError that lists what does not fit.
   */
  readonly weightsFor?: ((layers: readonly LayerWithWeights[]) => readonly NamedWeight[]) | undefined
}

/** What a model was trained by, and what its optimizer remembers. */
export interface TrainingState {
  /** Keras's class name and the complete configuration in Fovea's words, as `compile` takes it. */
  readonly optimizer: { readonly type: string; readonly config: JsonRecord }
  /** Of each output of the model, in order. */
  readonly objectives: readonly OutputTraining[]
  /** Training steps done. */
  readonly step: number
  /** The base learning rate of the next step. */
  readonly learningRate: number
  /** What the optimizer remembers, by state name: `dense/kernel@momentum`. */
  readonly slots: Readonly<Record<string, NumericArray>>
}

/** A class with its options in Fovea's words. */
export interface TrainingClass {
  /** Keras's class name; another one for a formula of the user's own. */
  readonly type: string
  readonly config: JsonRecord
}

/** What one output was trained by. */
export interface OutputTraining {
  readonly loss: TrainingClass & { readonly reduction: string }
  /** Factor of the loss in the total. */
  readonly weight: number
  /** `accuracy` is the word: the one that suits the output. `weighted`: sample weights count. */
  readonly metrics: readonly (TrainingClass & { readonly name: string; readonly weighted: boolean })[]
}

/** In the metadata: a file says who wrote it and by which rules. */
export const writtenBy = { format: 'fovea', version: '1' }

/** Reads a model file. Throws UserError when it is malformed or its metadata are; `source` names it in the message. */
export function decodeModelFile(bytes: Uint8Array, source = 'the file'): ModelFile {
  return modelFileOf(decodeSafetensors(bytes, source), source)
}

/** Of tensors in a checkpoint that are no weights. (The name of a layer has no colon.) */
export const statePrefix = 'state:'
export const keptPrefix = 'kept:'

/** The model in a decoded file; a checkpoint's other tensors are left out. */
export function modelFileOf(file: TensorFile, source: string): ModelFile {
  const { metadata } = file
  const isWeight = (name: string): boolean => !name.startsWith(statePrefix) && !name.startsWith(keptPrefix)
  if (metadata['format'] === writtenBy.format && metadata['version'] !== writtenBy.version) {
    throw new UserError({
      what: `${source} was written by another version of Fovea`,
      expected: `format version ${writtenBy.version}`,
      received: `format version ${metadata['version']}`,
      fix: 'read it with the version that wrote it, or train again',
    })
  }
  const model = jsonOf(metadata, 'model', source, isJsonRecord)
  const preprocess = jsonOf(metadata, 'preprocess', source, isJsonRecord)
  const classNames = jsonOf(metadata, 'classNames', source, isStringList)
  const recipe = jsonOf(metadata, 'recipe', source, isJsonRecord)
  return {
    weights: file.tensors.filter(({ name }) => isWeight(name)).map(toWeight),
    ...(model && { model }),
    ...(preprocess && { preprocess }),
    ...(classNames && { classNames }),
    ...(recipe && { recipe }),
  }
}

/** The value of a metadata entry that holds JSON, checked; undefined when there is none. */
export function jsonOf<T extends Json>(
  metadata: Readonly<Record<string, string>>,
  key: string,
  source: string,
  suits: (value: unknown) => value is T,
): T | undefined {
  const text = metadata[key]
  if (text === undefined) return undefined
  let [value, refused]: [unknown, string?] = [undefined]
  try {
    value = parseJson(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) refused = (error as Error).message
  }
  if (suits(value)) return value
  throw new UserError({
    what: `the metadata of ${source} are damaged`,
    expected: `JSON of the right kind under "${key}"`,
    received: refused ?? shortened(text, 60),
  })
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

function toWeight({ name, shape, data }: StoredTensor): NamedWeight {
  return { name, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) }
}

/**
 * The given weights as a record by name, copied, checked against those a model has: same names, same shapes, none missing or unknown.
 * Throws a UserError that lists every difference.
 */
export function matchWeights(
  given: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: ArrayLike<number> }[],
  expected: readonly { readonly name: string; readonly shape: readonly number[] }[],
  source = 'the weights',
): Record<string, Float32Array> {
  checkRecords(given, source)
  const byName = new Map(given.map(weight => [weight.name, weight]))
  const problems: string[] = []
  const counts = new Map<string, number>()
  for (const { name } of given) counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const [name, count] of counts) if (count > 1) problems.push(`"${name}" is given twice`)
  for (const { name, shape } of expected) {
    const weight = byName.get(name)
    if (!weight) problems.push(`"${name}" ${formatShape(shape)} is missing`)
    else if (!sameShape(weight.shape, shape)) {
      problems.push(`"${name}" should have shape ${formatShape(shape)}, not ${formatShape(weight.shape)}`)
    } else if (weight.data.length !== shape.reduce((product, extent) => product * extent, 1)) {
      problems.push(`"${name}" has ${weight.data.length} values, which do not fill ${formatShape(shape)}`)
    }
    byName.delete(name)
  }
  for (const [name, { shape }] of byName) problems.push(`"${name}" ${formatShape(shape)} is not in the model`)
  if (problems.length > 0) {
    throw new UserError({
      what: `${source} do not fit the model: ${problems.join(', ')}`,
      expected: `${expected.length} weights: ${shortList(expected.map(weight => weight.name))}`,
      received: `${given.length} weights: ${shortList(given.map(weight => weight.name))}`,
      fix: given.some(({ name }) => isOfTorch(name))
        ? 'these are names of PyTorch, which loadTorchWeights(model, source) of @fovea/formats translates'
        : 'use weights saved from a model of the same layers',
    })
  }
  return Object.fromEntries(given.map(({ name, data }) => [name, Float32Array.from(data)]))
}

/** `fc.weight`, `bn1.running_mean`: in Fovea names have no dot before the last word. */
const isOfTorch = (name: string): boolean => /\.(weight|bias|running_mean|running_var|num_batches_tracked)$/.test(name)

function checkRecords(given: unknown, source: string): void {
  const isList = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value)
  const isWeight = (value: unknown): boolean =>
    isJsonRecord(value) && typeof value['name'] === 'string' && isList(value['shape']) && isList(value['data'])
  if (Array.isArray(given) && given.every(isWeight)) return
  throw new UserError({
    what: `${source} cannot be read`,
    expected: 'a list of {name, shape, data}, as getWeights gives it',
    received: Array.isArray(given)
      ? `a list whose entry ${given.findIndex(value => !isWeight(value))} is none`
      : show(given),
  })
}

function shortList(items: readonly string[]): string {
  return items.length <= 6 ? items.join(', ') : `${items.slice(0, 5).join(', ')} and ${items.length - 5} more`
}
