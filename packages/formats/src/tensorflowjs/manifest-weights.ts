/**
 * The weights of a model of TensorFlow.js. In: the manifest, groups of files (shards) whose bytes follow one another, and the weights in
 * them by name, shape and type, one behind the other; a shard may end within a weight. Out: each weight by its name, made to float32 when
 * it is asked for. Quantized weights are whole numbers of 8 or 16 bits with a scale and a least value, or halves.
 * Source: `io/io_utils.ts` of TensorFlow.js.
 */
import { UserError } from 'fovea/internal/base/errors'
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { listMember, member, textMember } from '../containers/json-text.ts'
import { allowance, damaged, limitsOf } from '../containers/limits.ts'
import { type NumberKind, numbersOf, type StoredNumbers, sizeOfNumber } from '../containers/stored-numbers.ts'

export interface ManifestWeight {
  readonly name: string
  read(): StoredNumbers
}

interface Described {
  readonly name: string
  readonly shape: readonly number[]
  readonly kind: NumberKind
  readonly isWhole: boolean
  /** Of quantized weights: value · scale + least. */
  readonly scale?: number | undefined
  readonly least?: number | undefined
}

const kinds: Readonly<Record<string, NumberKind>> = {
  float32: 'float32',
  float16: 'float16',
  int32: 'int32',
  uint16: 'uint16',
  uint8: 'uint8',
  bool: 'uint8',
}

/** Throws UserError that names all files which are missing. */
export async function manifestWeights(json: JsonRecord, file: OpenedFile): Promise<readonly ManifestWeight[]> {
  const { source } = file
  const all = allowance(source, limitsOf(file).bytes)
  const missing: string[] = []
  const weights: ManifestWeight[] = []
  for (const group of listMember(json, 'weightsManifest') ?? []) {
    const described = (listMember(group, 'weights') ?? []).map(each => describedWeight(each, source))
    const shards: Uint8Array[] = []
    for (const path of pathsOf(group, source)) {
      const shard = await file.beside(path)
      if (shard) all.take(shard.length, 'its weights')
      if (shard) shards.push(shard)
      else missing.push(path)
    }
    if (missing.length > 0) continue
    for (const weight of weightsIn(shards, described, source)) weights.push(weight)
  }
  if (missing.length === 0) return weights
  throw new UserError({
    what: `${source} has its weights in other files, and some of them are missing: ${missing.join(', ')}.`,
    expected: 'all of them in the same folder',
    fix: 'Put them beside it. In a browser, choose or drop all files together.',
  })
}

function pathsOf(group: Json, source: string): readonly string[] {
  const paths = listMember(group, 'paths') ?? []
  if (paths.every(path => typeof path === 'string')) return paths.map(path => path.replace(/^(\.\/)+/, ''))
  throw damaged(source, 'a list of files with something else in it')
}

function describedWeight(json: Json, source: string): Described {
  const name = textMember(json, 'name')
  const shape = listMember(json, 'shape')
  const dtype = textMember(json, 'dtype') ?? ''
  if (name === undefined || !isShape(shape)) throw damaged(source, 'a weight without a name and a shape')
  const quantization = member(json, 'quantization')
  const stored = quantization === undefined ? dtype : (textMember(quantization, 'dtype') ?? '')
  const kind = Object.hasOwn(kinds, stored) ? kinds[stored] : undefined
  if (!kind) throw damaged(source, `the weight ${name} of type ${stored}, which is none of numbers`)
  const isWhole = dtype !== 'float32' && dtype !== 'float16'
  const isQuantized = isJsonRecord(quantization) && kind !== 'float16'
  if (!isQuantized) return { name, shape, kind, isWhole }
  const { scale, min } = quantization
  if (typeof scale === 'number' && typeof min === 'number') return { name, shape, kind, isWhole, scale, least: min }
  throw damaged(source, `the quantized weight ${name} without a scale and a least value`)
}

const isShape = (json: readonly Json[] | undefined): json is readonly number[] =>
  json?.every(extent => Number.isSafeInteger(extent) && (extent as number) >= 0) === true

function* weightsIn(
  shards: readonly Uint8Array[],
  described: readonly Described[],
  source: string,
): Generator<ManifestWeight> {
  const length = shards.reduce((sum, shard) => sum + shard.length, 0)
  const bytes = shards.length === 1 ? shards[0]! : joined(shards, length)
  let at = 0
  for (const each of described) {
    const size = each.shape.reduce((product, extent) => product * extent, sizeOfNumber(each.kind))
    if (!(at + size <= length)) throw damaged(source, `${length} bytes of weights, which end within ${each.name}`)
    const own = bytes.subarray(at, at + size)
    yield { name: each.name, read: () => ({ shape: each.shape, data: valuesOf(own, each) }) }
    at += size
  }
  if (at < length) throw damaged(source, `${length} bytes of weights, of which ${at} are described`)
}

function joined(shards: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const shard of shards) {
    bytes.set(shard, at)
    at += shard.length
  }
  return bytes
}

function valuesOf(bytes: Uint8Array, { kind, scale, least, isWhole }: Described): Float32Array {
  const numbers = numbersOf(bytes, kind)
  if (scale === undefined || least === undefined) return numbers
  return numbers.map(value => (isWhole ? Math.round(value * scale + least) : value * scale + least))
}
