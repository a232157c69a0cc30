/**
 * Real runs with a known ill get its diagnosis, as constructed curves do: a learning rate thirty times too high, a tiny training set;
 * and a healthy one nothing else. The same seed gives the same bits everywhere, so what is found here is always found.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import type { DiagnoseDocument } from '../../packages/cli/src/command/documents.ts'
import { ensureBuilt, fovea, temporaryFolder } from '../cli/fovea-process.testing.ts'

const dataFolder = process.env['FOVEA_DATA']

beforeAll(ensureBuilt, 120_000)

async function kindsFound(words: string): Promise<string[]> {
  const cwd = temporaryFolder()
  const env = dataFolder === undefined ? {} : { FOVEA_DATA: dataFolder }
  const trained = await fovea(['train', ...words.split(' '), '--out', 'run', '--quiet', '--threads', '1'], { cwd, env })
  expect(trained).toMatchObject({ code: 0, stderr: '' })
  const { stdout } = await fovea(['diagnose', 'run', '--json'], { cwd })
  return (JSON.parse(stdout) as DiagnoseDocument).findings.map(({ kind }) => kind)
}

describe('real runs on shapes', () => {
  test('healthy', async () => {
    expect(await kindsFound('shapes-cnn')).toEqual(['healthy'])
  })

  test('a learning rate thirty times too high', async () => {
    const kinds = await kindsFound('shapes-cnn --learning-rate 0.03 --epochs 4')
    expect(kinds).toEqual(['learning-rate-too-high', 'saturated-units'])
  })

  test('a tiny training set', async () => {
    expect((await kindsFound('shapes-cnn --limit 200'))[0]).toBe('few-samples')
  })
})

describe.skipIf(!dataFolder)('real runs on MNIST (skipped without FOVEA_DATA)', () => {
  test('a learning rate thirty times too high that does not break it down', async () => {
    const kinds = await kindsFound('mnist-cnn --limit 10000 --epochs 4 --learning-rate 0.03')
    expect(kinds).toEqual(['learning-rate-too-high', 'saturated-units'])
  })

  test('a tiny training set', async () => {
    expect((await kindsFound('mnist-cnn --limit 200 --epochs 6'))[0]).toBe('few-samples')
  })
})
