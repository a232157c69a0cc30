import { totalmem } from 'node:os'
import { expect, it } from 'vitest'
import { availableIn, memoryLeft } from './memory-left.ts'

it('is what the system says, with what can be swapped, and never more than the machine has', () => {
  expect(availableIn('MemTotal:  900 kB\nMemAvailable:     512 kB\nSwapFree:   100 kB\n')).toBe(612 * 1024)
  expect(availableIn('')).toBe(Number.POSITIVE_INFINITY)
  expect(memoryLeft()).toBeGreaterThan(0)
  expect(memoryLeft()).toBeLessThanOrEqual(totalmem())
})
