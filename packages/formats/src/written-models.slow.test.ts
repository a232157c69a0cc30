/** Every recipe written for Keras and TensorFlow.js and read back: the same bits of every answer, or nearly, where Fovea's own words are cut out. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModel } from 'fovea'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  answersOf,
  everyRecipe,
  withOtherWeights,
  withoutOwnWords,
  written,
  writtenFormats,
} from './written-models.testing.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-written-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(everyRecipe())(
  '$name',
  async ({ name, made }) => {
    await withOtherWeights(made)
    const expected = await answersOf(made)
    for (const format of writtenFormats) {
      const path = (await written(made, folder, name, format))!
      const read = await loadModel(path)
      expect(await answersOf(read)).toEqual(expected)
      await read.dispose()
      if (format === 'model.weights.h5') continue
      // TensorFlow.js says a Normalization as a Rescaling, which rounds otherwise.
      const others = await loadModel(await withoutOwnWords(path))
      const [answer] = await answersOf(others)
      for (const [at, value] of expected[0]!.data.entries())
        expect(Math.abs(answer!.data[at]! - value)).toBeLessThanOrEqual(1e-6)
      await others.dispose()
    }
    await made.dispose()
  },
  240_000,
)
