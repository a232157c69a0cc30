/**
 * Changes to formats that are made of parts: the parts are taken out, one is changed, left out, doubled or moved, and they are put together
 * again with lengths and checksums that fit, so that a reader comes further than to its first check.
 */
import { crc32 } from 'node:zlib'
import { zipped } from '../../packages/fovea/src/host/node/pickled.testing.ts'
import { changedBytes, joined } from './mutate-bytes.ts'
import type { Draws } from './random.ts'
import { withTarSum } from './tar-file.ts'

type Change = (bytes: Uint8Array, draws: Draws) => Uint8Array

function changedParts<T>(parts: readonly T[], draws: Draws, change: (part: T) => T): readonly T[] {
  if (parts.length === 0) return parts
  const at = draws.below(parts.length)
  const kind = draws.below(6)
  if (kind === 0) return parts.toSpliced(at, 1)
  if (kind === 1) return [...parts.slice(0, at), parts[at]!, ...parts.slice(at)]
  if (kind === 2) return [...parts.toSpliced(at, 1), parts[at]!]
  return parts.with(at, change(parts[at]!))
}

/** Protocol Buffers: fields are numbers, fixed bytes, or messages in messages. */
export const changedMessage: Change = (bytes, draws) => {
  const fields = fieldsOf(bytes)
  if (!fields || fields.length === 0) return changedBytes(bytes, draws)
  return joined(...changedParts(fields, draws, field => changedField(field, draws)).map(fieldBytes))
}

interface Field {
  readonly number: number
  readonly type: number
  readonly value: bigint
  readonly content: Uint8Array
}

function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint | undefined => {
    let value = 0n
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
    return undefined
  }
  while (at < bytes.length) {
    const tag = varint()
    const value = tag !== undefined && [0n, 2n].includes(tag & 7n) ? varint() : 0n
    if (tag === undefined || value === undefined || tag >> 3n === 0n || tag > 4096n) return undefined
    const type = Number(tag & 7n)
    const length = type === 2 ? Number(value) : type === 1 ? 8 : type === 5 ? 4 : type === 0 ? 0 : -1
    if (length < 0 || length > bytes.length - at) return undefined
    fields.push({ number: Number(tag >> 3n), type, value, content: bytes.subarray(at, at + length) })
    at += length
  }
  return fields
}

function varintBytes(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

function fieldBytes({ number, type, value, content }: Field): Uint8Array {
  const tag = varintBytes(BigInt(8 * number + type))
  if (type === 0) return joined(tag, varintBytes(value))
  return type === 2 ? joined(tag, varintBytes(BigInt(content.length)), content) : joined(tag, content)
}

function changedField(field: Field, draws: Draws): Field {
  const { type, content } = field
  if (draws.once(12)) return { ...field, number: 1 + draws.below(20) }
  if (type === 0)
    return {
      ...field,
      value: draws.of([0n, 1n, -1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 62n, 2n ** 63n, BigInt(draws.below(50))]),
    }
  if (type !== 2) return { ...field, content: changedBytes(content, draws) }
  const inner = content.length > 1 && content.length < 20_000 && fieldsOf(content) && !draws.once(6)
  return { ...field, content: (inner ? changedMessage : changedBytes)(content, draws) }
}

/** Chunks of length (big-endian), name, content, checksum behind a signature of eight bytes. */
export const changedPng: Change = (bytes, draws) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Uint8Array[] = []
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at))
    chunks.push(bytes.subarray(at + 4, Math.min(bytes.length, at + 8 + view.getUint32(at))))
  const changed = changedParts(chunks, draws, chunk =>
    joined(chunk.subarray(0, 4), changedBytes(chunk.subarray(4), draws)),
  )
  const word = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
  return joined(bytes.subarray(0, 8), ...changed.flatMap(chunk => [word(chunk.length - 4), chunk, word(crc32(chunk))]))
}

/** Segments of a marker and a length; what follows the first scan is one part. */
export const changedJpeg: Change = (bytes, draws) => {
  const segments: Uint8Array[] = []
  let at = 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
    const length = 2 + 256 * bytes[at + 2]! + bytes[at + 3]!
    segments.push(bytes.subarray(at, at + length))
    at += length
  }
  segments.push(bytes.subarray(at))
  const changed = changedParts(segments, draws, segment => {
    if (segment[1] === 0xda) return joined(segment.subarray(0, 2), changedBytes(segment.subarray(2), draws))
    const content = changedBytes(segment.subarray(4), draws)
    const length = Math.min(0xffff, content.length + 2)
    return joined(segment.subarray(0, 2), Uint8Array.of(length >> 8, length), content)
  })
  return joined(bytes.subarray(0, 2), ...changed)
}

/** Headers of 512 bytes with a checksum, each before its content in blocks of 512. */
export const changedTar: Change = (bytes, draws) => {
  const members: Uint8Array[] = []
  for (let at = 0; at + 512 <= bytes.length; ) {
    const size = Number.parseInt(new TextDecoder('latin1').decode(bytes.slice(at + 124, at + 135)), 8) || 0
    const end = Math.min(bytes.length, at + 512 * (1 + Math.ceil(size / 512)))
    members.push(bytes.subarray(at, end))
    at = end
  }
  return joined(
    ...changedParts(members, draws, member => {
      const header = draws.once(3) ? member.slice(0, 512) : tarField(member.slice(0, 512), draws)
      const content = draws.once(3) ? changedBytes(member.subarray(512), draws) : member.subarray(512)
      return joined(withTarSum(header), content)
    }),
  )
}

function tarField(header: Uint8Array, draws: Draws): Uint8Array {
  const [at, length, values] = draws.of([
    [0, 100, ['../../../escaped', '/tmp/escaped', 'data_batch_1.bin', 'a\0b', 'x'.repeat(100)]],
    [124, 12, ['77777777777', '00000000000', '-0000000001', '00000001000', '99999999999']],
    [156, 1, ['0', '1', '2', '3', '5', 'x', 'g', 'L', 'K', 'S', '\xff']],
    [157, 100, ['/etc/passwd', '../../..']],
    [345, 155, ['..', '/', 'p'.repeat(155)]],
  ] as const)
  const text = draws.of(values as readonly string[])
  header.fill(0, at, at + length)
  for (let sign = 0; sign < Math.min(length, text.length); sign++) header[at + sign] = text.charCodeAt(sign)
  return header
}

/** Eight bytes of a length, a header of JSON, numbers: safetensors. `change` changes the header's text. */
export function changedSafetensors(bytes: Uint8Array, draws: Draws, change: (text: string) => string): Uint8Array {
  if (bytes.length < 8) return changedBytes(bytes, draws)
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  if (draws.once(5) || !(length <= bytes.length - 8)) return changedBytes(bytes, draws)
  const header = new TextEncoder().encode(change(new TextDecoder().decode(bytes.subarray(8, 8 + length))))
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(header.length), true)
  return joined(size, header, bytes.subarray(8 + length))
}

/** Members of a zip archive, stored or deflated; a name may stand twice. */
export function changedZip(
  members: Readonly<Record<string, Uint8Array>>,
  draws: Draws,
  change: (name: string, bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const deflate = draws.once(2)
  const entries: readonly (readonly [string, Uint8Array])[] = Object.entries(members)
  if (draws.once(3)) return changedBytes(zipped(entries, { deflate }), draws)
  const changed = changedParts(entries, draws, ([name, bytes]) =>
    draws.once(5) ? ([draws.of(otherNames), bytes] as const) : ([name, change(name, bytes)] as const),
  )
  return zipped(changed, { deflate })
}

const otherNames = [
  ...['../escaped', '/escaped', 'a/../../escaped', '..\\escaped', 'C:escaped', '__proto__', 'a\0b', ''],
  ...['config.json', 'model.json', 'keras_model.h5', 'x_train.npy'],
]
