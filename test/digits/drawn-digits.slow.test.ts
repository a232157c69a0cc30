/** A user draws digits, saves them as pictures and asks `fovea predict`: most are right. Needs MNIST (FOVEA_DATA). */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PredictDocument } from '../../src/cli/documents.ts'
import { ensureBuilt, fovea, temporaryFolder } from '../cli/fovea-process.testing.ts'
import { drawDigit, placements, side, strokeWidths } from './drawn-digits.testing.ts'

const dataFolder = process.env['FOVEA_DATA']

beforeAll(ensureBuilt, 120_000)

describe.skipIf(!dataFolder)('ninety drawn digits (skipped without FOVEA_DATA)', () => {
  test('mnist-cnn-course, trained for two epochs, gets at least 80 right', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'digits'))
    const drawn = Array.from({ length: 10 }, (_, digit) =>
      placements.flatMap((placement, place) =>
        strokeWidths.map(width => {
          const picture = join(folder, 'digits', `${digit}-${place}-${width}.png`)
          const data = drawDigit(digit, placement, width)
          writeFileSync(picture, encode({ width: side, height: side, channels: 1, depth: 8, data }))
          return { digit, picture }
        }),
      ),
    ).flat()
    const env = { FOVEA_DATA: dataFolder! }
    const trained = await fovea(['train', 'mnist-cnn-course', '--epochs', '2', '--out', 'run', '--quiet'], {
      cwd: folder,
      env,
    })
    expect(trained).toMatchObject({ code: 0, stderr: '' })
    const { stdout, code } = await fovea(['predict', 'run', ...drawn.map(({ picture }) => picture), '--json'], {
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
