/** Changes to bytes of any format: bits and bytes, whole numbers at the ends of their ranges, parts cut, doubled, moved, filled. */
import type { Draws } from './random.ts'

/** In each width, little-endian and big-endian: what makes sizes and products wrap. */
const numbers = [
  0,
  1,
  2,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 63,
]

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

type Change = (bytes: Uint8Array, draws: Draws) => Uint8Array

const changes: readonly Change[] = [
  (bytes, draws) => changedAt(bytes, draws, byte => byte ^ (1 << draws.below(8))),
  (bytes, draws) => changedAt(bytes, draws, () => draws.below(256)),
  (bytes, draws) => changedAt(bytes, draws, () => draws.of([0, 1, 0x7f, 0x80, 0xff])),
  (bytes, draws) => changedAt(bytes, draws, byte => byte + draws.of([-1, 1])),
  withNumber,
  withNumber,
  (bytes, draws) => bytes.slice(0, draws.below(bytes.length + 1)),
  (bytes, draws) => {
    const [from, to] = range(bytes, draws)
    return joined(bytes.subarray(0, from), bytes.subarray(to))
  },
  (bytes, draws) => {
    const [from, to] = range(bytes, draws)
    return joined(bytes.subarray(0, to), bytes.subarray(from))
  },
  (bytes, draws) => {
    const [from, to] = range(bytes, draws)
    const changed = bytes.slice()
    changed.copyWithin(draws.below(bytes.length), from, to)
    return changed
  },
  (bytes, draws) => {
    const [from, to] = range(bytes, draws)
    return bytes.slice().fill(draws.of([0, 0x20, 0xff]), from, to)
  },
  (bytes, draws) => {
    const at = draws.below(bytes.length + 1)
    const more = Uint8Array.from({ length: 1 + draws.below(64) }, () => draws.below(256))
    return joined(bytes.subarray(0, at), more, bytes.subarray(at))
  },
]

/** One change. Half of them hit the first kilobyte, where formats say what follows. */
export const changedBytes: Change = (bytes, draws) => (bytes.length === 0 ? bytes : draws.of(changes)(bytes, draws))

const place = (bytes: Uint8Array, draws: Draws): number =>
  draws.below(draws.once(2) ? Math.min(bytes.length, 1024) : bytes.length)

function changedAt(bytes: Uint8Array, draws: Draws, value: (byte: number) => number): Uint8Array {
  const at = place(bytes, draws)
  return bytes.with(at, value(bytes[at]!))
}

function withNumber(bytes: Uint8Array, draws: Draws): Uint8Array {
  const width = draws.of([1, 2, 4, 8])
  if (bytes.length < width) return bytes
  const at = Math.min(place(bytes, draws), bytes.length - width)
  const value = BigInt(draws.of(numbers)) - BigInt(draws.below(2))
  const isLittle = draws.once(2)
  const changed = bytes.slice()
  for (let byte = 0; byte < width; byte++)
    changed[at + (isLittle ? byte : width - 1 - byte)] = Number((value >> BigInt(8 * byte)) & 255n)
  return changed
}

function range(bytes: Uint8Array, draws: Draws): readonly [number, number] {
  const from = place(bytes, draws)
  return [from, Math.min(bytes.length, from + 1 + draws.below(draws.once(4) ? bytes.length : 32))]
}
