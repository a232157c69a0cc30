/**
 * SHA-256 of bytes, as hexadecimal text, everywhere and at once (a browser offers its own only on secure pages and as a promise).
 * Used to name weights: the same training gives the same 64 letters. Source: FIPS 180-4.
 */

/** Fractional parts of the cube roots of the first 64 primes, 32 bits each; of the square roots of the first 8. */
const { roundConstants, startHash } = constants()

export function sha256(parts: Uint8Array | readonly Uint8Array[]): string {
  const hash = Int32Array.from(startHash)
  const block = new Uint8Array(64)
  const words = new Int32Array(64)
  let filled = 0
  let length = 0
  for (const part of parts instanceof Uint8Array ? [parts] : parts) {
    length += part.length
    for (let at = 0; at < part.length; ) {
      const taken = Math.min(64 - filled, part.length - at)
      block.set(part.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled === 64) {
        compress(hash, block, words)
        filled = 0
      }
    }
  }
  block.fill(0, filled)
  block[filled] = 0x80
  if (filled >= 56) {
    compress(hash, block, words)
    block.fill(0)
  }
  new DataView(block.buffer).setBigUint64(56, BigInt(length) * 8n)
  compress(hash, block, words)
  return Array.from(hash, word => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function compress(hash: Int32Array, block: Uint8Array, words: Int32Array): void {
  for (let t = 0; t < 16; t++) {
    words[t] = (block[4 * t]! << 24) | (block[4 * t + 1]! << 16) | (block[4 * t + 2]! << 8) | block[4 * t + 3]!
  }
  for (let t = 16; t < 64; t++) {
    const x = words[t - 15]!
    const y = words[t - 2]!
    const small0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)
    const small1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)
    words[t] = (words[t - 16]! + small0 + words[t - 7]! + small1) | 0
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number]
  for (let t = 0; t < 64; t++) {
    const big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
    const first = (h + big1 + ((e & f) ^ (~e & g)) + roundConstants[t]! + words[t]!) | 0
    const big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) hash[index] = hash[index]! + value
}

const turn = (x: number, bits: number): number => (x >>> bits) | (x << (32 - bits))

function constants(): { roundConstants: Int32Array; startHash: Int32Array } {
  const primes: bigint[] = []
  for (let n = 2n; primes.length < 64; n++) if (primes.every(prime => n % prime !== 0n)) primes.push(n)
  // The root of p · 2^(32·degree) is the root of p scaled by 2^32; its low 32 bits are the fraction, exactly.
  const fraction = (prime: bigint, degree: 2n | 3n): number => {
    let low = 0n
    let high = 1n << 40n
    while (high - low > 1n) {
      const middle = (low + high) / 2n
      if (middle ** degree <= prime << (32n * degree)) low = middle
      else high = middle
    }
    return Number(BigInt.asIntN(32, low))
  }
  return {
    roundConstants: Int32Array.from(primes, prime => fraction(prime, 3n)),
    startHash: Int32Array.from(primes.slice(0, 8), prime => fraction(prime, 2n)),
  }
}
