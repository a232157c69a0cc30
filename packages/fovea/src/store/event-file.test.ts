import { describe, expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'
import { eventFileHeader, eventRecord, masked } from './event-file.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The data of a record, its frame checked. */
function unframed(record: Uint8Array): Uint8Array {
  const view = new DataView(record.buffer, record.byteOffset)
  const length = view.getUint32(0, true)
  expect(view.getUint32(4, true)).toBe(0)
  expect(view.getUint32(8, true)).toBe(masked(crc32c(record.subarray(0, 8))))
  expect(view.getUint32(12 + length, true)).toBe(masked(crc32c(record.subarray(12, 12 + length))))
  expect(record.length).toBe(length + 16)
  return record.subarray(12, 12 + length)
}

describe('event files', () => {
  it('CRC-32C has its published check values (RFC 3720, B.4)', () => {
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283)
    expect(crc32c(ascii('1234'), ascii(''), ascii('56789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
  })

  it('begins with the version', () => {
    const data = unframed(eventFileHeader(1.5))
    expect([...data.subarray(0, 9)]).toEqual([9, ...new Uint8Array(Float64Array.of(1.5).buffer)])
    expect(new TextDecoder().decode(data.subarray(11))).toBe('brain.Event:2')
    expect([...data.subarray(9, 11)]).toEqual([0x1a, 13])
  })

  it('a scalar, byte for byte', () => {
    const data = unframed(eventRecord({ wallTime: 0, step: 300, scalars: { loss: 0.5 } }))
    const value = [0x0a, 4, ...ascii('loss'), 0x15, 0, 0, 0, 0x3f]
    expect([...data]).toEqual([
      9,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x10,
      0xac,
      0x02,
      0x2a,
      value.length + 2,
      0x0a,
      value.length,
      ...value,
    ])
  })

  it('a picture', () => {
    const png = Uint8Array.of(1, 2, 3)
    const data = unframed(eventRecord({ wallTime: 0, step: 0, pictures: { x: { width: 5, height: 4, png } } }))
    const image = [0x08, 4, 0x10, 5, 0x18, 3, 0x22, 3, 1, 2, 3]
    expect([...data.subarray(-image.length)]).toEqual(image)
  })
})
