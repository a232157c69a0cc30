import { describe, expect, it } from 'vitest'
import { readCifarBatch } from './cifar.ts'

const cifarRowBytes = 3073
const ten = { rows: 2, labelBytes: 1, classes: 10 }

function batch(labels: number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * cifarRowBytes)
  for (const [row, label] of labels.entries()) {
    bytes[row * cifarRowBytes] = label
    for (let at = 0; at < 3072; at++)
      bytes[row * cifarRowBytes + 1 + at] = (row + 1) * 50 + Math.floor(at / 1024) * 10 + ((at % 1024) % 7)
  }
  return bytes
}

describe('CIFAR-10 batch', () => {
  it('turns planes into pixels, at the given place', () => {
    const images = new Uint8Array(4 * 3072)
    const labels = new Uint8Array(4)
    readCifarBatch(batch([3, 9]), 'b', ten, images, labels, 1)
    expect([...labels]).toEqual([0, 3, 9, 0])
    const pixel = 5 * 32 + 6
    expect([...images.subarray(3072 + pixel * 3, 3072 + pixel * 3 + 3)]).toEqual(
      [50, 60, 70].map(value => value + (pixel % 7)),
    )
    expect([...images.subarray(2 * 3072, 2 * 3072 + 3)]).toEqual([100, 110, 120])
    expect(images.subarray(0, 3072).every(value => value === 0)).toBe(true)
    expect(images.subarray(3 * 3072).every(value => value === 0)).toBe(true)
  })

  it.each([
    ['truncated', batch([1, 2]).subarray(0, -1), /b is truncated.*\n.*6146 bytes.*\n.*6145/],
    ['oversized', batch([1, 2, 3]), /b is oversized/],
    ['label out of range', batch([1, 10]), /b: label 1 is out of range.*\n.*0 to 9\n.*10/],
  ])('refuses: %s', (_, bytes, message) => {
    expect(() => readCifarBatch(bytes, 'b', ten, new Uint8Array(2 * 3072), new Uint8Array(2), 0)).toThrow(message)
  })
})
