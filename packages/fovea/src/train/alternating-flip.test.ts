/**
 * Alternating flip: in whichever order samples come and however training is cut into calls, a picture is mirrored by a coin of its own in one
 * epoch and the other way round in the next. Picture i is [2ⁱ, 0], and the network gives what it sees on the left: so the sum of the
 * absolute errors of an epoch, in binary, says who was not mirrored.
 */
import { describe, expect, test } from 'vitest'
import { trainingRows } from '../engine/labelled-rows.ts'
import { trainEntry } from '../engine/train-entry.ts'
import { nodeHost } from '../host/node/host.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import { sgd } from '../optimizer/factories.ts'
import type { Device } from '../runtime/device.ts'
import { interpreterDevice } from '../runtime/interpreter-device.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import type { Checkpoint } from '../store/checkpoint.ts'
import { fit } from './fit.ts'
import { fitOnFeatures } from './fit-on-features.ts'
import type { LoopOptions } from './fit-options.ts'
import { createLearner } from './learner.ts'
import { trainOnBatch } from './single-step.ts'

const count = 13
const everyone = 2 ** count - 1
const host = nodeHost()

function learnerOn(device: Device = referenceDevice(), alternating = true) {
  const model = sequential([
    conv2d({ filters: 1, kernelSize: 1, useBias: false, trainable: false, name: 'same', inputShape: [1, 2, 1] }),
    randomFlip({ mode: 'horizontal', alternating }),
    flatten(),
    dense({ units: 1, useBias: false, name: 'left' }),
  ])
  const setup = { optimizer: sgd({ learningRate: 0 }), loss: 'meanAbsoluteError', metrics: [] }
  const weights = { 'same/kernel': [1], 'left/kernel': [1, 0] }
  return createLearner({ model, setup, device, clock: host, threads: 2, weights })
}
type Tried = ReturnType<typeof learnerOn>

const rowsOf = ({ model, targets }: Tried) =>
  trainingRows(
    model,
    targets,
    Float32Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? 2 ** (at / 2) : 0)),
    new Float32Array(count),
  )

/** Who is not mirrored in each epoch. */
async function seen(learner: Tried, options: Partial<LoopOptions> = {}, train = fit): Promise<number[]> {
  const history = await train(learner, rowsOf(learner), { epochs: 4, batchSize: 4, seed: 7, ...options })
  await learner.dispose()
  return history.epochs.map(({ logs }) => Math.round(logs['loss']! * count))
}

describe('alternating flip', () => {
  test.each([
    ['reference', () => referenceDevice()],
    ['WebAssembly', () => wasmDevice(host)],
    ['interpreter', () => interpreterDevice(host)],
  ] as const)('shows each picture both ways in every two epochs, on the %s device', async (_, device) => {
    const [first, second, ...others] = await seen(learnerOn(device()))
    expect(first! & second!).toBe(0)
    expect(first! | second!).toBe(everyone)
    expect(others).toEqual([first, second])
    expect([0, everyone]).not.toContain(first)
    expect(await seen(learnerOn(), { seed: 8 })).not.toEqual([first, second, ...others])
  })

  test('follows the number of a sample, not its place: any order, batch or way gives the same', async () => {
    const expected = await seen(learnerOn())
    expect(await seen(learnerOn(), { shuffle: false })).toEqual(expected)
    expect(await seen(learnerOn(), { batchSize: count })).toEqual(expected)
    expect(await seen(learnerOn(), {}, fitOnFeatures)).toEqual(expected)
    const byCalls = learnerOn()
    for (const sum of expected) {
      const { epochs } = await fit(byCalls, rowsOf(byCalls), { epochs: 1, batchSize: 4, seed: 7 })
      expect(Math.round(epochs[0]!.logs['loss']! * count)).toBe(sum)
    }
    const bySteps = learnerOn()
    for (const sum of expected) {
      const { loss } = await trainOnBatch(bySteps, rowsOf(bySteps), 7)
      expect(Math.round(loss! * count)).toBe(sum)
    }
  })

  test('goes on where it was stopped, in the middle of an epoch', async () => {
    const expected = await seen(learnerOn())
    const stop = new AbortController()
    const saved: Checkpoint[] = []
    await seen(learnerOn(), {
      signal: stop.signal,
      saveCheckpoint: async checkpoint => void saved.push(checkpoint),
      callbacks: [
        { onBatchEnd: (batch, _, { batches }) => void (saved.length === 1 && batch === batches - 3 && stop.abort()) },
      ],
    })
    expect(saved.at(-1)!.progress).toMatchObject({ epoch: 1, batch: 2 })
    expect(await seen(learnerOn(), { resume: saved.at(-1)! })).toEqual(expected)
  })

  test('a program without it is fed nothing for it', () => {
    const inputs = (alternating: boolean): string[] => {
      const { model, setup } = learnerOn(referenceDevice(), alternating)
      return trainEntry(model, setup)
        .make(4, ['f32'])
        .graph.inputs.map(({ attributes }) => attributes.name)
    }
    expect(inputs(false)).not.toContain('draw')
    expect(inputs(false)).toContain('randomKey')
    expect(inputs(true)).toEqual(expect.arrayContaining(['draw', 'epoch']))
    expect(inputs(true)).not.toContain('randomKey')
  })
})
