/**
 * Random numbers as a pure function of (key, index): no hidden state, the same bits everywhere, any element computable alone.
 * A 32-bit mixer (multiply, xor, shift; constants: Wellons, "lowbias32") is applied twice, with one half of the key each time.
 * The compiled step computes the very same function in its own instructions.
 */

const { floor, imul } = Math

/** Two 32-bit words; derived, never advanced. */
export type RandomKey = readonly [number, number]

/** Bijective mixer of 32 bits. */
export function mix(bits: number): number {
  let h = bits | 0
  h ^= h >>> 16
  h = imul(h, 0x7feb352d)
  h ^= h >>> 15
  h = imul(h, 0x846ca68b)
  h ^= h >>> 16
  return h
}

/** 32 random bits (signed) of element `index` under `key`. */
export function randomBits(key: RandomKey, index: number): number {
  return mix(mix((index | 0) ^ key[0]) + key[1])
}

/** Uniform in [0, 1), a multiple of 2⁻²⁴, exact in float32. */
export function uniform(key: RandomKey, index: number): number {
  return (randomBits(key, index) >>> 8) * 2 ** -24
}

export function keyOf(seed: number): RandomKey {
  return [mix(seed | 0), mix(floor(seed / 2 ** 32) ^ 0x5bd1e995)]
}

/** An independent key for a part (a layer, a step, an epoch) of whatever `key` stands for. */
export function fold(key: RandomKey, part: number): RandomKey {
  const first = mix(key[0] ^ mix(part | 0))
  return [first, mix(first + key[1])]
}

/** A uniform random order of 0 … count − 1 (Fisher–Yates). */
export function permutation(key: RandomKey, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    // 32 bits scaled to the range: a bias below count / 2³², of no consequence for data sets.
    const other = floor((randomBits(key, last) >>> 0) * 2 ** -32 * (last + 1))
    const moved = order[last]!
    order[last] = order[other]!
    order[other] = moved
  }
  return order
}
