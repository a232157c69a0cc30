/**
 * The safetensors format: 8 bytes header length (little-endian), a JSON header `{name: {dtype, shape, data_offsets}}` with
 * free strings under `__metadata__`, then the tensors' bytes without gaps.
 * In: bytes. Out: named tensors and metadata. (Written: safetensors-encoder.ts.) Every promise of the format is checked, since such files
 * come from anywhere. Source: https://huggingface.co/docs/safetensors (format section).
 */

import { UserError } from '../base/errors.ts'
import { fromHalf } from '../base/half.ts'
import { isJsonRecord, type Json } from '../base/json.ts'
import { formatShape, type NumericArray, type Shape, sizeOf } from '../base/shape.ts'
import { shortened } from '../base/text.ts'
import { parseHeader } from './header-json.ts'

/** A tensor of a file. */
export interface StoredTensor<Data extends NumericArray = NumericArray> {
  readonly name: string
  readonly shape: Shape
  readonly data: Data
}

/** What a safetensors file holds. */
export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of their bytes. */
  readonly tensors: readonly StoredTensor[]
}

/** The format's own limit for the header. */
const largestHeader = 100_000_000

interface ElementType {
  readonly bytes: number
  /** The elements of `bytes` (already copied, so aligned). */
  read(bytes: Uint8Array<ArrayBuffer>): NumericArray
}

const elementTypes: Record<string, ElementType> = {
  F64: { bytes: 8, read: bytes => new Float64Array(bytes.buffer) },
  F32: { bytes: 4, read: bytes => new Float32Array(bytes.buffer) },
  F16: { bytes: 2, read: bytes => Float32Array.from(new Uint16Array(bytes.buffer), fromHalf) },
  BF16: { bytes: 2, read: bytes => fromBrainFloat(new Uint16Array(bytes.buffer)) },
  // Whole numbers beyond 2⁵³ are rounded.
  I64: { bytes: 8, read: bytes => Float64Array.from(new BigInt64Array(bytes.buffer), Number) },
  U64: { bytes: 8, read: bytes => Float64Array.from(new BigUint64Array(bytes.buffer), Number) },
  U32: { bytes: 4, read: bytes => Float64Array.from(new Uint32Array(bytes.buffer)) },
  I32: { bytes: 4, read: bytes => new Int32Array(bytes.buffer) },
  I16: { bytes: 2, read: bytes => Int32Array.from(new Int16Array(bytes.buffer)) },
  I8: { bytes: 1, read: bytes => Int32Array.from(new Int8Array(bytes.buffer)) },
  U16: { bytes: 2, read: bytes => Int32Array.from(new Uint16Array(bytes.buffer)) },
  U8: { bytes: 1, read: bytes => bytes },
  BOOL: { bytes: 1, read: bytes => bytes },
}

/**
 * Reads a safetensors file. Throws UserError that says what is wrong with a malformed one; `source` names it. `foreign`: what is thrown where
 * the header cannot be read and the file is of another format.
 */
export function readTensors(
  bytes: Uint8Array,
  source: string,
  foreign: (bytes: Uint8Array, source: string) => UserError | undefined = () => undefined,
): TensorFile {
  const broken = (what: string, expected?: string, received?: string): UserError =>
    new UserError({
      what: `${source} is not a valid safetensors file: ${what}`,
      ...(expected === undefined ? {} : { expected }),
      ...(received === undefined ? {} : { received }),
      fix: 'get another copy of the file; this one may be cut off or of another format',
    })

  const { header, dataStart } = readHeader(bytes, (...problem) => foreign(bytes, source) ?? broken(...problem))
  const metadata = new Map<string, string>()
  const entries: { name: string; type: ElementType; shape: number[]; begin: number; end: number }[] = []
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__' && entry === null) continue
    if (!isJsonRecord(entry)) throw broken(`the entry ${said(name)} of its header is no object`)
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== 'string') throw broken(`metadata ${said(key)} is no string`)
        metadata.set(key, value)
      }
      continue
    }
    const type = typeNamed(entry['dtype'])
    if (!type) {
      throw broken(
        `tensor ${said(name)} has an element type that cannot be read`,
        Object.keys(elementTypes).join(', '),
        said(entry['dtype']),
      )
    }
    const shape = wholeNumbers(entry['shape'])
    const offsets = wholeNumbers(entry['data_offsets'])
    if (!shape) throw broken(`tensor ${said(name)} has no valid shape`, 'a list of whole numbers', said(entry['shape']))
    if (isTooLarge(shape, type)) throw broken(`tensor ${said(name)} is larger than any file`, undefined, said(shape))
    if (offsets?.length !== 2 || offsets[0]! > offsets[1]!) {
      throw broken(
        `tensor ${said(name)} has no valid data_offsets`,
        '[begin, end] with begin ≤ end',
        said(entry['data_offsets']),
      )
    }
    const [begin, end] = offsets as [number, number]
    if (end - begin !== sizeOf(shape) * type.bytes) {
      throw broken(
        `tensor ${said(name)} does not fill its shape`,
        `${sizeOf(shape) * type.bytes} bytes for ${entry['dtype']} ${shortened(formatShape(shape), 80)}`,
        `${end - begin} bytes`,
      )
    }
    entries.push({ name, type, shape, begin, end })
  }

  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let at = 0
  for (const { name, begin, end } of entries) {
    if (begin !== at) throw broken(`tensor ${said(name)} overlaps or leaves a gap`, `begin ${at}`, `begin ${begin}`)
    at = end
  }
  if (dataStart + at !== bytes.length) {
    throw broken('its length does not agree with its header', `${dataStart + at} bytes`, `${bytes.length} bytes`)
  }
  const tensors = entries.map(({ name, type, shape, begin, end }) => ({
    name,
    shape,
    data: type.read(new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end))),
  }))
  return { metadata: Object.fromEntries(metadata), tensors }
}

function readHeader(
  bytes: Uint8Array,
  broken: (what: string, expected?: string, received?: string) => UserError,
): { header: Record<string, Json>; dataStart: number } {
  if (bytes.length < 8) throw broken('it is too short', 'at least 8 bytes', `${bytes.length} bytes`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > largestHeader) throw broken('it does not begin with the length of its header')
  if (Number(length) > bytes.length - 8) {
    throw broken('its header is longer than the file', `at most ${bytes.length - 8} bytes`, `${length} bytes`)
  }
  const dataStart = 8 + Number(length)
  let text: string
  try {
    // A byte-order mark is kept, and so refused.
    const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    text = utf8.decode(new Uint8Array(bytes.subarray(8, dataStart)))
  } catch {
    throw broken('its header is not JSON: it is no UTF-8')
  }
  try {
    return { header: parseHeader(text), dataStart }
  } catch (error) {
    throw broken((error as Error).message)
  }
}

function typeNamed(name: unknown): ElementType | undefined {
  return typeof name === 'string' && Object.keys(elementTypes).includes(name) ? elementTypes[name] : undefined
}

/** Whether elements, multiplied one extent after the other, or their bits do not fit into 64 bits. A 0 further on does not help. */
function isTooLarge(shape: Shape, type: ElementType): boolean {
  const limit = 2n ** 64n
  let elements = 1n
  for (const extent of shape) {
    elements *= BigInt(extent)
    if (elements >= limit) return true
  }
  return elements * BigInt(8 * type.bytes) >= limit
}

const said = (value: unknown): string => shortened(JSON.stringify(value) ?? 'nothing', 80)

function wholeNumbers(value: unknown): number[] | undefined {
  const valid = Array.isArray(value) && value.every(item => Number.isSafeInteger(item) && item >= 0)
  return valid ? (value as number[]) : undefined
}

/** bfloat16 is the upper half of a float32. */
function fromBrainFloat(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, half => half << 16).buffer)
}
