import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts'
import { checkpointBefore, findCheckpoint, writeCheckpoint } from './checkpoint-files.ts'
import { memoryFiles } from './memory-files.ts'
import { encodeSafetensors } from './safetensors-encoder.ts'
import { decodeSafetensors } from './tensor-file.ts'

function checkpointOf(size: number, epoch = 2): Checkpoint {
  const data = Float32Array.from({ length: size }, (_, at) => Math.sin(at + epoch))
  return {
    file: { weights: [{ name: 'dense/kernel', shape: [size], data }], classNames: ['"checksum":"', 'b'] },
    states: { 'dense/kernel@momentum': data },
    kept: {},
    progress: {
      ...{ seed: 1, batchSize: 4, epoch, batch: 1, step: 9, learningRate: 0.1, rows: 4, sums: { loss: 3 } },
      history: [1, 2].map(number => ({ epoch: number + epoch - 2, learningRate: 0.1, seconds: 1, loss: Number.NaN })),
      callbacks: { '0-earlyStopping': { wait: 1 } },
      pace: { step: 5, at: 7, factor: 1.5 },
      stopped: { because: 'enough', epochs: 9 },
    },
  }
}

/** Kinds of outcome of reading it: what is damaged is never anything but a UserError. */
function isRefused(bytes: Uint8Array): boolean {
  try {
    decodeCheckpoint(bytes)
    return false
  } catch (error) {
    if (error instanceof UserError) return true
    throw error
  }
}

describe('a checkpoint', () => {
  const bytes = encodeCheckpoint(checkpointOf(100))

  it('is read as it was, and is a model file as well', () => {
    expect(decodeCheckpoint(bytes)).toEqual(checkpointOf(100))
    expect(decodeSafetensors(bytes).tensors).toHaveLength(2)
  })

  it('is refused with any byte changed, and cut off anywhere', () => {
    expect(bytes.length).toBeLessThan(4096)
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [1, 0x20, 0x80, 0xff]) {
        const other = bytes.slice()
        other[at]! ^= change
        expect(isRefused(other), `byte ${at} ^ ${change}`).toBe(true)
      }
    }
    for (let length = 0; length < bytes.length; length++) expect(isRefused(bytes.slice(0, length))).toBe(true)
    expect(isRefused(Uint8Array.of(...bytes, 0))).toBe(true)
  })

  it('of before there were checksums is read', () => {
    const { metadata, tensors } = decodeSafetensors(bytes)
    const { checksum: _, checkpoint: __, ...former } = metadata
    expect(decodeCheckpoint(encodeSafetensors({ metadata: former, tensors }))).toEqual(checkpointOf(100))
  })
})

describe('the checkpoints of a folder', () => {
  const path = 'run/last.ckpt'
  const before = 'run/last-before.ckpt'

  async function saved(): Promise<Files> {
    const files = memoryFiles()
    for (const epoch of [2, 3]) await writeCheckpoint(files, path, checkpointOf(5, epoch))
    return files
  }
  const epochIn = async (files: Files) => {
    const found = await findCheckpoint(files, path)
    return [found?.checkpoint.progress.epoch, found?.notes.join(' ')]
  }

  it('are the last and the one before', async () => {
    expect(checkpointBefore(path)).toBe(before)
    expect(checkpointBefore('a.b/last')).toBe('a.b/last-before')
    expect(await epochIn(await saved())).toEqual([3, ''])
    expect(await findCheckpoint(memoryFiles(), path)).toBeUndefined()
  })

  it('the one before takes the place of one that is damaged, or gone', async () => {
    const files = await saved()
    const damaged = (await files.read(path)).map((byte, at) => (at === 400 ? byte ^ 4 : byte))
    await files.write(path, damaged)
    expect(await epochIn(files)).toEqual([
      2,
      `${path} is damaged: its checksum is not that of what it holds. Training goes on from the checkpoint before, ${before}, at batch 2 of epoch 3.`,
    ])
    await files.remove(path)
    expect(await epochIn(files)).toEqual([2, expect.stringMatching(/^run\/last\.ckpt is gone\. Training goes on/)])
    await files.write(before, damaged)
    await expect(findCheckpoint(files, path)).rejects.toThrow(/last-before\.ckpt is damaged/)
    await files.write(path, damaged)
    await expect(findCheckpoint(files, path)).rejects.toThrow(/last\.ckpt is damaged/)
  })
})
