/** Tensors and metadata as a safetensors file. (Read, and what the format is: safetensors.ts.) */
import { anyText } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { dictionary, list, parse, record, type Schema, that, whole } from '../base/schema.ts'
import { formatShape, type NumericArray, sizeOf } from '../base/shape.ts'
import type { TensorFile } from './safetensors.ts'

const elements: Schema<NumericArray> = that('a Float32Array, Float64Array, Int32Array or Uint8Array', value =>
  [Float32Array, Float64Array, Int32Array, Uint8Array].some(type => value instanceof type),
)
export const tensorFields = { name: anyText, shape: list(whole(0), 'whole numbers'), data: elements }
const fileFields = record({
  metadata: dictionary(anyText, 'texts by name'),
  tensors: list(record(tensorFields), 'tensors {name, shape, data}'),
})

/** The bytes of a safetensors file. Tensors keep their order; data start at a multiple of 8 bytes. */
export function encodeSafetensors(file: TensorFile): Uint8Array<ArrayBuffer> {
  parse(fileFields, file, 'encodeSafetensors', 'Field')
  // Entries, not a record: a name may be one that objects have a meaning for, as __proto__.
  const header: [name: string, entry: Json][] = []
  const names = new Set(['__metadata__'])
  if (Object.keys(file.metadata).length > 0) header.push(['__metadata__', file.metadata])
  let end = 0
  for (const { name, shape, data } of file.tensors) {
    if (names.has(name)) throw new UserError(`two tensors are named "${name}"`)
    names.add(name)
    if (sizeOf(shape) !== data.length) {
      throw new UserError({
        what: `tensor "${name}" does not fill its shape`,
        expected: `${sizeOf(shape)} elements for ${formatShape(shape)}`,
        received: `${data.length} elements`,
      })
    }
    const begin = end
    end += data.byteLength
    header.push([name, { dtype: typeOf(data), shape, data_offsets: [begin, end] }])
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const headerLength = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + headerLength + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.fill(0x20, 8, 8 + headerLength)
  bytes.set(text, 8)
  let at = 8 + headerLength
  for (const { data } of file.tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

function typeOf(data: NumericArray): string {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Float64Array) return 'F64'
  return data instanceof Int32Array ? 'I32' : 'U8'
}
