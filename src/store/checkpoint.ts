/**
 * `last.ckpt`: everything needed to go on training as if it had never stopped, bit for bit. It is a model file (so it can be
 * used as one) with more tensors (optimizer state, what callbacks keep) and, in its metadata, where training stood.
 * In: a `Checkpoint` record. Out: bytes; and back.
 */
import { UserError } from '../base/errors.ts'
import { isJsonRecord, type Json } from '../base/json.ts'
import type { NumericArray } from '../base/shape.ts'
import { jsonOf, keptPrefix, type ModelFile, metadataOf, modelFileOf, statePrefix } from './model-file.ts'
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors.ts'

export interface Checkpoint {
  readonly file: ModelFile
  /** Optimizer state and other non-weight states, by state name (`dense/kernel@momentum`). */
  readonly states: Readonly<Record<string, NumericArray>>
  /** Arrays that callbacks keep (the best weights of early stopping), by a name of their own. */
  readonly kept: Readonly<Record<string, NumericArray>>
  readonly progress: Progress
}

/** Where training stood. A type alias, so that it is also plain JSON. */
export type Progress = {
  readonly seed: number
  readonly batchSize: number
  /** The epoch to go on with, from 0. */
  readonly epoch: number
  /** Batches of that epoch already trained; 0 when it ended whole. */
  readonly batch: number
  /** Training steps done so far, over all epochs. */
  readonly step: number
  readonly learningRate: number
  /** Sums over the rows of the epoch's batches so far, by metric, and the rows. */
  readonly sums: { readonly [metric: string]: number }
  readonly rows: number
  /** One record per epoch that is done. */
  readonly history: readonly { readonly [name: string]: number }[]
  /** What each callback keeps, by its name. */
  readonly callbacks: { readonly [name: string]: Json }
}

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { file, states, kept, progress } = checkpoint
  return encodeSafetensors({
    metadata: { ...metadataOf(file), progress: JSON.stringify(progress) },
    tensors: [...file.weights, ...flatTensors(states, statePrefix), ...flatTensors(kept, keptPrefix)],
  })
}

/** Reads a checkpoint. Throws UserError when the file is malformed or no checkpoint; `source` names it. */
export function decodeCheckpoint(bytes: Uint8Array, source = 'the file'): Checkpoint {
  const decoded = decodeSafetensors(bytes, source)
  const progress = jsonOf(decoded.metadata, 'progress', source, isProgress)
  if (!progress) {
    throw new UserError({
      what: `${source} is no checkpoint: it does not say where training stood`,
      expected: 'a last.ckpt of a run directory',
      fix: 'to use its weights, load it as a model',
    })
  }
  return {
    file: modelFileOf(decoded, source),
    states: withPrefix(decoded.tensors, statePrefix),
    kept: withPrefix(decoded.tensors, keptPrefix),
    progress,
  }
}

function flatTensors(arrays: Readonly<Record<string, NumericArray>>, prefix: string): Tensor[] {
  return Object.entries(arrays).map(([name, data]) => ({ name: prefix + name, shape: [data.length], data }))
}

function withPrefix(tensors: readonly Tensor[], prefix: string): Record<string, NumericArray> {
  return Object.fromEntries(
    tensors.filter(({ name }) => name.startsWith(prefix)).map(({ name, data }) => [name.slice(prefix.length), data]),
  )
}

function isProgress(value: unknown): value is Progress {
  return (
    isJsonRecord(value) &&
    ['seed', 'learningRate'].every(key => typeof value[key] === 'number') &&
    ['batchSize', 'epoch', 'batch', 'step', 'rows'].every(key => isCount(value[key])) &&
    Array.isArray(value['history']) &&
    isJsonRecord(value['sums']) &&
    isJsonRecord(value['callbacks'])
  )
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
