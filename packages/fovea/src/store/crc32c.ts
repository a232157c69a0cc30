/**
 * CRC-32C, the checksum of storage and of TensorFlow's files: it tells every change of up to 32 bits in a row, so every changed byte.
 * In: bytes, in parts. Out: an unsigned number. Source: Castagnoli, Bräuer, Herrmann: "Optimization of Cyclic Redundancy-Check Codes with
 * 24 and 32 Parity Bits" (1993); eight bytes at a time by Kounavis and Berry: "A Systematic Approach to Building High Performance
 * Software-Based CRC Generators" (2005).
 */

/** Row k of 256: what a byte with k more behind it comes to. The polynomial is reflected. */
const table = tableOf(8)

export function crc32c(...parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff
  for (const part of parts) crc = continued(crc, part)
  return ~crc >>> 0
}

function continued(crc: number, bytes: Uint8Array): number {
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) {
    crc =
      table[1792 + ((crc ^ bytes[at]!) & 255)]! ^
      table[1536 + (((crc >>> 8) ^ bytes[at + 1]!) & 255)]! ^
      table[1280 + (((crc >>> 16) ^ bytes[at + 2]!) & 255)]! ^
      table[1024 + ((crc >>> 24) ^ bytes[at + 3]!)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 255]!
  return crc
}

function tableOf(rows: number): Uint32Array {
  const made = new Uint32Array(rows * 256)
  for (let index = 0; index < 256; index++) {
    let crc = index
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    made[index] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!
    made[at] = (before >>> 8) ^ made[before & 255]!
  }
  return made
}
