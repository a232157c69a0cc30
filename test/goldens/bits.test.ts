/** Weights after thirty steps: the same bits with one and two threads, and those recorded (on any machine, by any engine). */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bitsAfterThirtySteps } from '../wasm/bits.testing.ts'

it('thirty steps of shapes-cnn give the recorded weights', async () => {
  const file = join(import.meta.dirname, 'bits.txt')
  const hash = await bitsAfterThirtySteps(1)
  expect(await bitsAfterThirtySteps(2)).toBe(hash)
  if (process.env['FOVEA_UPDATE_GOLDENS'] === '1') writeFileSync(file, `${hash}\n`)
  expect(`${hash}\n`).toBe(readFileSync(file, 'utf8'))
})
