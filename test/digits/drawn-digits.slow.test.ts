/** A user draws digits, saves them as pictures and asks `fovea predict`: most are right. Needs MNIST (FOVEA_DATA). */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PredictDocument } from '../../src/cli/documents.ts'
import { encodePng } from '../../src/host/node/png.ts'
import { ensureBuilt, fovea, temporaryFolder } from '../cli/fovea-process.testing.ts'
import { drawDigits } from './draw.testing.ts'

const dataFolder = process.env['FOVEA_DATA']

beforeAll(ensureBuilt, 120_000)

describe.skipIf(!dataFolder)('ninety drawn digits (skipped without FOVEA_DATA)', () => {
  test('mnist-cnn-course, trained for two epochs, gets at least 80 right', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'digits'))
    const drawn = drawDigits().map(({ digit, name, picture }) => {
      const file = join(folder, 'digits', `${name}.png`)
      writeFileSync(file, encodePng(picture))
      return { digit, file }
    })
    const env = { FOVEA_DATA: dataFolder! }
    const trained = await fovea(['train', 'mnist-cnn-course', '--epochs', '2', '--out', 'run', '--quiet'], {
      cwd: folder,
      env,
    })
    expect(trained).toMatchObject({ code: 0, stderr: '' })
    const { stdout, code } = await fovea(['predict', 'run', ...drawn.map(({ file }) => file), '--json'], {
      cwd: folder,
    })
    expect(code).toBe(0)
    const { predictions } = JSON.parse(stdout) as PredictDocument
    expect(predictions.length).toBe(90)
    const right = predictions.filter((prediction, index) => prediction.className === String(drawn[index]!.digit))
    expect(right.length).toBeGreaterThanOrEqual(80)
    expect(predictions.every(({ notes }) => notes.some(note => note.includes('inverted')))).toBe(true)
  }, 900_000)
})
