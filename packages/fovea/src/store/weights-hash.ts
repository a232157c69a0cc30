/** The fingerprint of trained weights: SHA-256 over the little-endian float32 bytes of all weights, in Keras's order. */

import { checkArguments } from '../base/arguments.ts'
import { list, that } from '../base/schema.ts'
import { sha256 } from './sha256.ts'

const hashed = that('a weight whose data are a Float32Array', value => Object(value).data instanceof Float32Array)

/** 64 hexadecimal digits. `weights` in Keras order and layout. */
export function weightsSha256(weights: readonly { readonly data: Float32Array }[]): string {
  checkArguments(
    'weightsSha256',
    { weights: list(hashed, 'weights {name, shape, data}, as getWeights gives them') },
    { weights },
  )
  return sha256(weights.map(({ data }) => littleEndian(data)))
}

function littleEndian(data: Float32Array): Uint8Array {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
  const view = new DataView(new ArrayBuffer(data.byteLength))
  data.forEach((value, index) => {
    view.setFloat32(index * 4, value, true)
  })
  return new Uint8Array(view.buffer)
}
