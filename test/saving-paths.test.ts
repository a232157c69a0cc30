/**
 * Every path on which something is saved, with a disk that fails at call 1, 2, 3 …: a reader finds the old state or the new one, never a
 * mixture; what the system refused is told in a sentence; nothing half-written stays behind; and what is saved next is whole.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { useModelFormats } from '../packages/cli/src/command/model-file.ts'
import { UserError } from '../packages/fovea/src/base/errors.ts'
import {
  type Fault,
  type FaultyDisk,
  faults,
  faultyDisk,
  Gone,
} from '../packages/fovea/src/host/node/faulty-disk.testing.ts'
import { nodeFiles } from '../packages/fovea/src/host/node/files.ts'
import { dense, loadModel, sequential } from '../packages/fovea/src/index.ts'
import { readRunFile, runFile } from '../packages/fovea/src/run/run-file.ts'
import { csvLogger } from '../packages/fovea/src/train/callbacks/csv-logger.ts'
import { encodePng } from '../packages/pictures/src/encode.ts'
import { pixelCache } from '../packages/pictures/src/pixel-cache.ts'
import { sourceFiles } from './source-files.testing.ts'

/** In memory where there is such a place: flushing a real disk a thousand times takes a minute. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

interface SavingPath {
  /** Saves state 0, 1, 2 … of something in the folder. */
  save(folder: string, state: number): Promise<void>
  /** What a reader finds. */
  read(folder: string): Promise<unknown>
  /** Where the first state leaves nothing that a state is made of. */
  readonly setUp?: (folder: string) => Promise<void>
  /** Added to a file: on the disk with the next file that is replaced beside it. */
  readonly isAdded?: boolean
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const model = sequential([dense({ units: 3, inputShape: [5] })])
const weightsOf = (state: number) =>
  model.model.weights.map(({ name, shape }) => ({
    name,
    shape,
    data: new Float32Array(shape.reduce((size, extent) => size * extent, 1)).fill(state + 1),
  }))

const savedModel = (name: string): SavingPath => ({
  async save(folder, state) {
    await model.setWeights(weightsOf(state))
    await model.save(join(folder, name))
  },
  async read(folder) {
    const loaded = await loadModel(join(folder, name))
    const values = (await loaded.getWeights()).flatMap(({ data }) => [data[0], data[data.length >> 1], data.at(-1)])
    return [...new Set(values)]
  },
})

const png = (state: number): Promise<Uint8Array> =>
  encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(40 * state + 10) })

const paths: Readonly<Record<string, SavingPath>> = {
  'a file': {
    save: (folder, state) => nodeFiles.write(join(folder, 'deep', 'result.json'), bytes(`state ${state}`)),
    read: async folder => new TextDecoder().decode(await nodeFiles.read(join(folder, 'deep', 'result.json'))),
  },
  'a file whose former one is kept': {
    save: (folder, state) => nodeFiles.write(join(folder, 'last'), bytes(`state ${state}`), join(folder, 'previous')),
    async read(folder) {
      const read = async (name: string) => new TextDecoder().decode(await nodeFiles.read(join(folder, name)))
      const last = await read('last')
      if (await nodeFiles.exists(join(folder, 'previous'))) expect(await read('previous')).toMatch(/^state \d$/)
      return last
    },
  },
  'a model': savedModel('model.safetensors'),
  'a model in several files': savedModel('model.json'),
  'the story of a run': {
    isAdded: true,
    save: (folder, state) => runFile(nodeFiles, join(folder, 'run.jsonl')).add({ type: `state ${state}` }),
    read: async folder =>
      readRunFile(await nodeFiles.read(join(folder, 'run.jsonl')), 'run.jsonl').map(({ type }) => type),
  },
  'a table of epochs': {
    isAdded: true,
    async save(folder, state) {
      const logger = csvLogger(join(folder, 'log.csv'), { append: true })
      const training = { files: nodeFiles, monitors: ['loss'], say: async () => {} } as never
      await logger.onTrainBegin!(training)
      const logs = { loss: state }
      await logger.onEvent!({ type: 'epoch-end', epoch: state + 1, logs, learningRate: 1 } as never, training)
    },
    read: async folder => new TextDecoder().decode(await nodeFiles.read(join(folder, 'log.csv'), 'text')),
  },
  'the pixels of pictures': {
    setUp: async folder => {
      mkdirSync(join(folder, 'set'))
      for (const at of [0, 1, 2, 3]) writeFileSync(join(folder, 'set', `${at}.png`), await png(at))
    },
    async save(folder, state) {
      await openedPixels(folder, ['0.png', '1.png', '2.png', '3.png'].slice(0, 2 + state))
    },
    // Whatever is kept, pixels are those of their files.
    async read(folder) {
      expect(await openedPixels(folder, ['1.png', '0.png'])).toEqual([50, 10])
      return 'right'
    },
  },
}

async function openedPixels(folder: string, names: readonly string[]): Promise<number[]> {
  const spec = { shape: [1, 1, 3], channels: 'rgb', resize: 'cover' } as const
  const cache = await pixelCache(join(folder, 'set'), names, spec, { cache: join(folder, 'cache') })
  const source = cache.source(
    names.map((_, index) => ({ index, label: 0 })),
    ['all'],
  )
  const pixels = new Uint8Array(3 * names.length)
  await source.read(Int32Array.from(names.keys()), pixels)
  return names.map((_, at) => pixels[3 * at]!)
}

useModelFormats()
let disk: FaultyDisk | undefined
afterEach(() => disk?.restart())

interface Expected {
  readonly old: unknown
  readonly fresh: unknown
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(place, 'fovea-saving-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** State 1 saved on a disk that fails at this call; false where it has no such call. */
const tried = ({ setUp, save, read }: SavingPath, { old, fresh }: Expected, fault: Fault, at: number) =>
  inFolder(async folder => {
    await setUp?.(folder)
    await save(folder, 0)
    disk = faultyDisk(at, fault)
    const outcome: unknown = await save(folder, 1).then(
      () => 'saved',
      error => error,
    )
    disk.restart()
    if (!disk.met) return false
    const stops = fault === 'crash' || fault === 'power'
    if (outcome !== 'saved') expect(outcome).toBeInstanceOf(stops ? Gone : UserError)
    expect([old, fresh]).toContainEqual(await read(folder))
    // What is only tidied up may fail; what came back as saved is saved, whatever happens then.
    if (outcome === 'saved') expect(await read(folder)).toEqual(fresh)
    if (fault === 'short') expect(outcome).toBe('saved')
    if (!stops)
      expect(readdirSync(folder, { recursive: true }).filter(name => /\.part$/.test(String(name)))).toEqual([])
    await save(folder, 2)
    await read(folder)
    return true
  })

/** Without a fault; the power is lost when all is saved. */
const expectedOf = ({ setUp, save, read, isAdded }: SavingPath): Promise<Expected> =>
  inFolder(async folder => {
    await setUp?.(folder)
    await save(folder, 0)
    const old = await read(folder)
    disk = faultyDisk(Number.POSITIVE_INFINITY, 'power')
    await save(folder, 1)
    const fresh = await read(folder)
    if (isAdded) await nodeFiles.write(join(folder, 'beside'), bytes('x'))
    disk.losePower()
    disk.restart()
    expect(await read(folder)).toEqual(fresh)
    return { old, fresh }
  })

describe.each(Object.entries(paths))('%s', (_, path) => {
  test.each(faults)('%s at every call: old or new', async fault => {
    const expected = await expectedOf(path)
    let at = 1
    while (await tried(path, expected, fault, at)) at++
    expect(at).toBeGreaterThan(3)
  })
})

test('nothing is written but through the disk', () => {
  const writing =
    /\b(writeFile|appendFile|createWriteStream|writev?|copyFile|cp|rename|link|symlink|unlink|rm|rmdir|mkdir|mkdtemp|truncate|ftruncate)(Sync)?\b/
  // A lock holds nothing that could be mixed.
  const own = ['disk', 'file-lock'].map(name => `packages/fovea/src/host/node/${name}.ts`)
  const faults = sourceFiles(
    'packages/fovea/src',
    'packages/pictures/src',
    'packages/formats/src',
    'packages/server/src',
    'packages/cli/src',
  )
    .filter(({ path, imports }) => !own.includes(path) && !/\.(test|testing)\.ts$/.test(path) && imports.length > 0)
    .flatMap(({ path, code }) =>
      [...code.matchAll(/import\s*\{([^}]*)\}\s*from\s*''/g)].flatMap(([, names]) =>
        writing.test(names!) ? [`${path}: ${names!.trim()}`] : [],
      ),
    )
  expect(faults).toEqual([])
})
