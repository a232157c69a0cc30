/**
 * `last.ckpt`: everything needed to go on training as if it had never stopped, bit for bit. It is a model file (so it can be
 * used as one) with more tensors (optimizer state, what callbacks keep) and, in its metadata, where training stood.
 * In: a `Checkpoint` record. Out: bytes; and back. The first of the metadata is a checksum of the whole file, so it lies at a fixed
 * place: a file that was cut off, or has a byte changed anywhere, is refused. Files of before version 0.3 have none, and are read.
 */
import { UserError } from '../base/errors.ts'
import { isJsonRecord, type JsonRecord, numberToJson } from '../base/json.ts'
import {
  anyNumber,
  dictionary,
  jsonRecord,
  list,
  number,
  optional,
  parse,
  record,
  type Schema,
  text,
  union,
  whole,
} from '../base/schema.ts'
import type { NumericArray } from '../base/shape.ts'
import { crc32c } from './crc32c.ts'
import { metadataOf } from './model-encoder.ts'
import { jsonOf, keptPrefix, type ModelFile, modelFileOf, statePrefix } from './model-file.ts'
import type { StoredTensor } from './safetensors.ts'
import { encodeSafetensors } from './safetensors-encoder.ts'
import { decodeSafetensors } from './tensor-file.ts'

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
  /** Sums over the rows of the epoch's batches so far, by metric (one number, or all that it keeps), and the rows. */
  readonly sums: { readonly [metric: string]: number | readonly number[] }
  readonly rows: number
  /** One record per epoch that is done. */
  readonly history: readonly { readonly [name: string]: number }[]
  /** What each callback keeps, by its name. */
  readonly callbacks: { readonly [name: string]: JsonRecord }
  /** How the schedule of the rate goes by, where it was hastened. */
  readonly pace?: Pace | undefined
  /** Why training is over before the last of so many epochs: a callback stopped it. */
  readonly stopped?: { readonly because: string; readonly epochs: number } | undefined
}

/** Where a schedule stood at a step, and how fast it has gone by since: 1 is as it was made. */
export type Pace = { readonly step: number; readonly at: number; readonly factor: number }

/** Of checkpoints with a checksum: where its name is damaged, this tells that there was one. */
const version = '2'
const unset = '00000000'
/** How such a file goes on behind the length of its header. */
const opening = new TextEncoder().encode('{"__metadata__":{"checksum":"')
const checksumAt = 8 + opening.length

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { file, states, kept, progress } = checkpoint
  const bytes = encodeSafetensors({
    metadata: {
      checksum: unset,
      checkpoint: version,
      ...metadataOf(file),
      progress: JSON.stringify(progress, (_, each) => (typeof each === 'number' ? numberToJson(each) : each)),
    },
    tensors: [...file.weights, ...flatTensors(states, statePrefix), ...flatTensors(kept, keptPrefix)],
  })
  bytes.set(new TextEncoder().encode(checksumOf(bytes)), checksumAt)
  return bytes
}

/** Of the whole file, its own place unset. */
function checksumOf(bytes: Uint8Array): string {
  const end = checksumAt + unset.length
  const crc = crc32c(bytes.subarray(0, checksumAt), new TextEncoder().encode(unset), bytes.subarray(end))
  return crc.toString(16).padStart(unset.length, '0')
}

/** Whether there is a checksum at its place. Throws UserError where it is not that of the file. */
function isChecked(bytes: Uint8Array, source: string): boolean {
  if (!opening.every((byte, at) => bytes[8 + at] === byte)) return false
  const told = new TextDecoder().decode(bytes.subarray(checksumAt, checksumAt + unset.length))
  if (told !== checksumOf(bytes)) throw damaged(source)
  return true
}

const damaged = (source: string): UserError =>
  new UserError({
    what: `${source} is damaged: its checksum is not that of what it holds`,
    expected: 'a checkpoint as training wrote it',
    fix: 'check the disk, and go on from another checkpoint',
  })

/** Reads a checkpoint. Throws UserError when the file is malformed or no checkpoint; `source` names it. */
export function decodeCheckpoint(bytes: Uint8Array, source = 'the file'): Checkpoint {
  const checked = isChecked(bytes, source)
  const decoded = decodeSafetensors(bytes, source)
  const { checksum, checkpoint } = decoded.metadata
  if (!checked && (checksum ?? checkpoint) !== undefined) throw damaged(source)
  const progress = jsonOf(decoded.metadata, 'progress', source, isJsonRecord)
  if (!progress) {
    throw new UserError({
      what: `${source} is not a checkpoint: it does not say where training stood`,
      expected: 'a last.ckpt of a run directory',
      fix: 'to use its weights, load it as a model',
    })
  }
  return {
    file: modelFileOf(decoded, source),
    states: withPrefix(decoded.tensors, statePrefix),
    kept: withPrefix(decoded.tensors, keptPrefix),
    progress: progressOf(progress, source),
  }
}

function flatTensors(arrays: Readonly<Record<string, NumericArray>>, prefix: string): StoredTensor[] {
  return Object.entries(arrays).map(([name, data]) => ({ name: prefix + name, shape: [data.length], data }))
}

function withPrefix(tensors: readonly StoredTensor[], prefix: string): Record<string, NumericArray> {
  return Object.fromEntries(
    tensors.filter(({ name }) => name.startsWith(prefix)).map(({ name, data }) => [name.slice(prefix.length), data]),
  )
}

/** Epoch, rate and seconds of each epoch that is done, with its logs beside them. */
const epochSchema: Schema<{ readonly [name: string]: number }> = dictionary(anyNumber, 'numbers by name')

const progressSchema: Schema<Progress> = record({
  seed: whole(0),
  batchSize: whole(1),
  epoch: whole(0, 1e9),
  batch: whole(0),
  step: whole(0),
  learningRate: number({ least: 0 }),
  sums: dictionary(union(anyNumber, list(anyNumber, 'numbers')), 'numbers by metric'),
  rows: whole(0),
  history: list(epochSchema, 'records of epochs'),
  callbacks: dictionary(jsonRecord, 'what each callback keeps'),
  pace: optional(record({ step: whole(0), at: number({ least: 0 }), factor: number({ above: 0 }) })),
  stopped: optional(record({ because: text, epochs: whole(0, 1e9) })),
})

/** Throws UserError for a standing that no training can have come to: numbers out of range, or that contradict each other. */
function progressOf(value: unknown, source: string): Progress {
  const progress = parse(progressSchema, value, `the progress in ${source}`, 'Field')
  const { epoch, batch, step, rows, batchSize, history } = progress
  const numbers = history.map(each => each['epoch'])
  const problems: string[] = []
  if (history.some(each => !(each['learningRate']! >= 0 && each['seconds']! >= 0))) {
    problems.push('an epoch of the history has no learningRate or seconds of at least 0')
  }
  if (numbers.some((each, index) => each !== epoch - history.length + 1 + index) || history.length > epoch) {
    problems.push(
      `the history holds epochs ${numbers.slice(0, 4).join(', ')}${numbers.length > 4 ? ' …' : ''}, not those up to ${epoch}`,
    )
  }
  if (step < batch || (epoch > 0 && history.length > 0 && step < history.length))
    problems.push(`${step} steps are too few`)
  if (rows > batch * batchSize || rows <= (batch - 1) * batchSize)
    problems.push(`${batch} batches of ${batchSize} do not hold ${rows} rows`)
  if (problems.length === 0) return progress
  throw new UserError({
    what: `The progress in ${source} contradicts itself.`,
    expected: 'a last.ckpt as training wrote it',
    received: problems.join('; '),
    fix: 'To use its weights, load it as a model.',
  })
}
