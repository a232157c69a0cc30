/** Nothing is left when a command ends or a model is disposed of: no worker, no timer, no open file; and bytes do not grow. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { bin, callNode, ensureBuilt, temporaryFolder } from '../cli/fovea-process.testing.ts'
import { root } from '../source-files.testing.ts'

beforeAll(ensureBuilt, 120_000)

const probe = pathToFileURL(join(root, 'test/leftovers/probe.mjs')).href

interface Leftovers {
  code: number
  workersStarted: number
  workersLeft: number
  timers: number
  files: string[]
}

/** Runs a program under the probe in a fresh folder and gives what was left, or why it never ended by itself. */
async function leftoversOf(folder: string, ...words: string[]): Promise<Leftovers> {
  const report = join(folder, 'leftovers.json')
  const call = await callNode(words, { cwd: folder, node: ['--import', probe], env: { FOVEA_PROBE: report } })
  expect(call.stderr).toBe('')
  expect(call.code).toBe(0)
  return JSON.parse(readFileSync(report, 'utf8')) as Leftovers
}

/** Files that Node itself or the system keeps open (the locale, the program) are not ours. */
const ours = ({ files }: Leftovers, folder: string): string[] => files.filter(file => file.startsWith(folder))

const nothing = { workersLeft: 0, timers: 0 }

describe('commands', () => {
  const short = ['--limit', '64', '--epochs', '1', '--threads', '2', '--quiet']
  test.each([['recipes'], ['summary shapes-cnn'], ['data shapes'], ['doctor'], ['help']])(
    '%s ends by itself',
    async words => {
      const folder = temporaryFolder()
      const left = await leftoversOf(folder, bin, ...words.split(' '))
      expect(left).toMatchObject({ code: 0, workersStarted: 0, ...nothing })
      expect(ours(left, folder)).toEqual([])
    },
  )

  test('train, evaluate and compare end by themselves, their workers before them', async () => {
    const folder = temporaryFolder()
    for (const words of [
      ['train', 'shapes-mlp', '--out', 'run', ...short],
      ['evaluate', 'run', '--dataset', 'shapes', '--limit', '64'],
      ['compare', 'run'],
    ]) {
      const left = await leftoversOf(folder, bin, ...words)
      expect({ words, ...left }).toMatchObject({ code: 0, ...nothing })
      if (words[0] === 'train') expect(left.workersStarted).toBe(2)
      expect(ours(left, folder)).toEqual([])
    }
  }, 120_000)
})

describe('the library', () => {
  function program(code: string): string {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(root, 'packages/fovea'), join(folder, 'node_modules/fovea'), 'junction')
    writeFileSync(join(folder, 'package.json'), '{}')
    writeFileSync(join(folder, 'program.mjs'), code)
    return folder
  }
  const model = `
    import { dense, flatten, generateShapes, rescaling, sequential } from 'fovea'
    const shapes = generateShapes({ train: 96, test: 32 })
    const model = sequential([
      rescaling({ scale: 1 / 255, inputShape: shapes.shape }), flatten(),
      dense({ units: 16, activation: 'relu' }), dense({ units: 10, activation: 'softmax' }),
    ])
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], threads: 2 })`

  test('dispose ends the workers; a program that forgets it ends as well', async () => {
    const careful = program(`${model}
      await model.fit(shapes, { epochs: 1, batchSize: 32, verbose: 0 })
      await model.dispose()`)
    const left = await leftoversOf(careful, 'program.mjs')
    expect(left).toMatchObject({ workersStarted: 2, ...nothing })

    const careless = program(`${model}
      await model.fit(shapes, { epochs: 1, batchSize: 32, verbose: 0 })`)
    expect(await leftoversOf(careless, 'program.mjs')).toMatchObject({ code: 0, timers: 0 })
  })

  test('bytes in use after epoch 2 equal bytes after epoch 8', async () => {
    const folder = program(`${model}
      const used = []
      const onEpochEnd = async () => {
        // What messages and promises still hold is let go in a later turn.
        for (let turn = 0; turn < 3; turn++) {
          await new Promise(setImmediate)
          globalThis.gc()
        }
        used.push(process.memoryUsage().arrayBuffers)
      }
      await model.fit(shapes, { epochs: 8, batchSize: 32, validation: 'test', verbose: 0, callbacks: [{ onEpochEnd }] })
      await model.dispose()
      console.log(JSON.stringify(used))`)
    const { stdout, stderr } = await callNode(['program.mjs'], { cwd: folder, node: ['--expose-gc'] })
    expect(stderr).toBe('')
    const used = JSON.parse(stdout) as number[]
    expect(used.slice(2).map(bytes => bytes - used[1]!)).toEqual([0, 0, 0, 0, 0, 0])
  })
})
