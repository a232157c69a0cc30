/** IEEE half precision (binary16): 1 sign, 5 exponent (bias 15), 10 fraction bits; below 2⁻¹⁴ multiples of 2⁻²⁴. */

const { abs } = Math
const { NaN: notANumber, POSITIVE_INFINITY: infinity } = Number

/** The largest finite one. */
export const MOST_HALF = 65504

const float = new Float32Array(1)
const floatBits = new Uint32Array(float.buffer)

/** The bits of the half next to a float32; of two as near, the one with an even fraction. Beyond 65,520 it is infinite. */
export function toHalf(value: number): number {
  float[0] = value
  const sign = (floatBits[0]! >>> 16) & 0x8000
  const magnitude = floatBits[0]! & 0x7fff_ffff
  if (magnitude > 0x7f80_0000) return sign | 0x7e00
  if (magnitude >= 0x477f_f000) return sign | 0x7c00
  // Beside 2⁵² a double has no fraction: the sum rounds to a whole number, ties to even.
  if (magnitude < 0x3880_0000) return sign | (abs(float[0]) * 2 ** 24 + 2 ** 52 - 2 ** 52)
  // The 13 bits that go are rounded away, a carry reaches the exponent as it should; the bias falls from 127 to 15.
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
  return sign | ((rounded >>> 13) - (112 << 10))
}

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? notANumber : sign * infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
