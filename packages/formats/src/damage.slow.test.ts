/**
 * Files of others are changed in one byte, cut and grown, two thousand times a format. Each either is refused with a sentence or still has
 * numbers (the right ones where the format has checksums), within two seconds, and memory stays bounded.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { ModelConfig } from 'fovea/internal/network/saved-config'
import type { ModelFile, NamedWeight } from 'fovea/internal/store/model-file'
import type { ModelFormat, OpenedFile } from 'fovea/internal/store/model-formats'
import { openedAmong } from 'fovea/internal/store/opened-file'
import { ready } from 'h5wasm'
import { describe, expect, test } from 'vitest'
import { kerasFile } from './keras/keras-file.ts'
import { kerasHdf5 } from './keras/keras-hdf5.ts'
import { kerasWeights } from './keras/keras-weights.ts'
import { browserFiles, keras, legacy, placed, sizeOf, teachable } from './small-files.testing.ts'
import { teachableMachine } from './tensorflowjs/teachable-archive.ts'
import { tensorflowjsFile } from './tensorflowjs/tensorflowjs-file.ts'

const each = 2000
/** A whole process has this besides what a file declares. */
const mostGrown = 256 * 2 ** 20

interface Subject {
  readonly format: ModelFormat
  /** The file that is damaged is the one named `main`, or another one. */
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly main: string
  readonly damaged: string
  /** Whether what is read of a damaged file must be the right numbers. */
  readonly hasChecksums: boolean
}
const subjects: Readonly<Record<string, Subject>> = {
  '.keras': {
    format: kerasFile,
    files: { m: keras },
    main: 'm',
    damaged: 'm',
    hasChecksums: true,
  },
  '.h5': { format: kerasHdf5, files: { m: legacy }, main: 'm', damaged: 'm', hasChecksums: false },
  '.weights.h5': { format: kerasWeights, files: { m: placed }, main: 'm', damaged: 'm', hasChecksums: false },
  'model.json': {
    format: tensorflowjsFile,
    files: browserFiles,
    main: 'model.json',
    damaged: 'model.json',
    hasChecksums: false,
  },
  'weights.bin': {
    format: tensorflowjsFile,
    files: browserFiles,
    main: 'model.json',
    damaged: 'weights.bin',
    hasChecksums: false,
  },
  'metadata.json': {
    format: tensorflowjsFile,
    files: browserFiles,
    main: 'model.json',
    damaged: 'metadata.json',
    hasChecksums: false,
  },
  '.zip': {
    format: teachableMachine,
    files: { m: teachable },
    main: 'm',
    damaged: 'm',
    hasChecksums: true,
  },
}

/** The same numbers on every machine (a linear congruential generator). */
function drawn(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** One byte changed, some of the end cut off, or bytes added, by turns. */
function damage(good: Uint8Array, turn: number, random: () => number): Uint8Array {
  const place = Math.floor(random() * good.length)
  if (turn % 8 === 6) return good.slice(0, place)
  if (turn % 8 === 7) {
    const more = Uint8Array.from({ length: 1 + Math.floor(random() * 2000) }, () => Math.floor(random() * 256))
    const grown = new Uint8Array(good.length + more.length)
    grown.set(good.subarray(0, place))
    grown.set(more, place)
    grown.set(good.subarray(place), place + more.length)
    return grown
  }
  const changed = Uint8Array.from(good)
  changed[place] = turn % 8 === 0 ? 255 : turn % 8 === 1 ? 0 : Math.floor(random() * 256)
  return changed
}

const open = ({ files, main }: Subject, damaged?: readonly [string, Uint8Array]): Promise<OpenedFile> =>
  openedAmong(async path => (damaged?.[0] === path ? damaged[1] : files[path]), main)

const numbersOf = (list: readonly NamedWeight[]) => list.map(({ name, shape, data }) => [name, shape, [...data]])
const namesOf = ({ model }: ModelFile): string[] =>
  ((model ?? { layers: [] }) as unknown as ModelConfig).layers.map(({ name }) => name)

describe.each(Object.entries(subjects))('%s', (_, subject) => {
  test(`damaged ${each} times`, { timeout: 600_000 }, async () => {
    const whole = await subject.format.read(await open(subject))
    const random = drawn(2024)
    const library = await ready
    const before = library.HEAPU8.length
    let [refused, read, slowest] = [0, 0, 0]
    for (let turn = 0; turn < each; turn++) {
      const bytes = damage(subject.files[subject.damaged]!, turn, random)
      const begin = process.cpuUsage()
      try {
        const opened = await open(subject, [subject.damaged, bytes])
        if (!subject.format.matches(opened.bytes)) {
          refused++
          continue
        }
        const file = await subject.format.read(opened)
        read++
        for (const { shape, data } of file.weights) expect(data.length).toBe(sizeOf(shape))
        if (subject.hasChecksums)
          expect([numbersOf(file.weights), namesOf(file)]).toEqual([numbersOf(whole.weights), namesOf(whole)])
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`turn ${turn}`, { cause: error })
        refused++
      }
      slowest = Math.max(slowest, secondsSince(begin))
    }
    expect(refused + read).toBe(each)
    expect(refused).toBeGreaterThan(0)
    expect(slowest).toBeLessThan(2)
    expect(library.HEAPU8.length - before).toBeLessThanOrEqual(mostGrown)
  })
})

/** Of the processor, whatever else the machine does meanwhile. */
function secondsSince(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1e6
}
