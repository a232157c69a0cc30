/** Which saved models a page carries, how exactly, and what it says of the others. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { LiveModel } from '../../packages/cli/src/report/live.ts'
import { liveModel } from '../../packages/cli/src/verbs/live-model.ts'
import { predictorOf } from '../../packages/cli/src/verbs/saved-model.ts'
import { inputRows } from '../../packages/fovea/src/engine/rows.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { chain, model as functional, input } from '../../packages/fovea/src/network/functional.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { standaloneFrom } from '../../packages/fovea/src/runtime/standalone-document.ts'
import { startStandalone } from '../../packages/fovea/src/runtime/standalone-run.ts'
import { ensureBuilt } from './fovea-process.testing.ts'
import { untrained } from './saved-model.testing.ts'

beforeAll(ensureBuilt, 120_000)

const threeClasses = ['cat', 'dog', 'ship']

function network(side: number, last: Parameters<typeof dense>[0] = { units: 3, activation: 'softmax' }): Model {
  return sequential([
    conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [side, side, 3] }),
    flatten(),
    dense(last),
  ])
}

describe('a model a page can carry', () => {
  const given = untrained(network(24), threeClasses)
  const picture = Uint8Array.from({ length: 24 * 24 * 3 }, (_, index) => 80 + 70 * Math.sin(index))

  async function liveProbabilities({ document }: LiveModel): Promise<number[]> {
    const values = await (await startStandalone(standaloneFrom(document.program)))(picture)
    return Array.from(values[document.probabilities]!)
  }
  async function modelProbabilities(): Promise<number[]> {
    const predictor = predictorOf(given)
    const { predictions } = await predictor
      .predict(inputRows(given.model, { shape: [1, 24, 24, 3], data: picture }))
      .finally(() => predictor.dispose())
    return Array.from(Object.values(predictions)[0]!)
  }

  it('gives exactly its probabilities, and names its layers', async () => {
    const live = (await liveModel(given, 'runs/my run')) as LiveModel
    expect(live.document.program.states.map(({ precision }) => precision)).not.toContain('float16')
    expect(await liveProbabilities(live)).toEqual(await modelProbabilities())
    expect(live.document.layers.map(({ type }) => type)).toEqual(['InputLayer', 'Conv2D', 'Flatten', 'Dense'])
    expect(live.document.layers.length).toBe(live.document.program.outputs.length)
  })

  it('has its kernels rounded where it would be too large else, and is left out where even that is too much', async () => {
    const { document, script } = (await liveModel(given, 'run')) as LiveModel
    const size = ({ code, states }: typeof document.program) =>
      script.length + code.length + states.reduce((sum, { values }) => sum + values.length, 0)
    const exact = size(document.program)
    expect(await liveModel(given, 'run', { most: exact })).toEqual({ document, script })
    const rounded = (await liveModel(given, 'run', { most: exact - 1 })) as LiveModel
    expect(rounded.document.program.states.map(({ precision }) => precision)).toContain('float16')
    const probabilities = await liveProbabilities(rounded)
    const expected = await modelProbabilities()
    expect(probabilities).not.toEqual(expected)
    for (const [index, probability] of probabilities.entries()) expect(probability).toBeCloseTo(expected[index]!, 2)
    expect(await liveModel(given, 'my run', { most: size(rounded.document.program) - 1 })).toEqual({
      reason: expect.stringContaining('its 5,923 weights and its code take '),
      command: 'npx fovea predict "my run" picture.png',
    })
  })
})

it('one sigmoid unit tells two classes apart', async () => {
  const binary = untrained(network(8, { units: 1, activation: 'sigmoid' }), ['cat', 'dog'])
  expect(((await liveModel(binary, 'run')) as LiveModel).document.classNames).toEqual(['cat', 'dog'])
})

it('scores are told as what they are', async () => {
  const scores = untrained(network(8, { units: 3 }), threeClasses)
  expect(((await liveModel(scores, 'run')) as LiveModel).document.scale).toBe('scores')
})

const image = input({ shape: [8, 8, 1] })
const twoOutputs = functional({
  inputs: image,
  outputs: [chain(image, flatten(), dense({ units: 2 })), chain(image, flatten(), dense({ units: 3 }))],
})

it.each([
  ['large pictures', untrained(network(65), threeClasses), 'its pictures are 65×65'],
  ['two outputs', untrained(twoOutputs, threeClasses), 'it has 1 inputs and 2 outputs'],
  ['classes of another number', untrained(network(8), ['cat', 'dog']), 'it gives 3 numbers for 2 classes'],
  [
    'many weights',
    untrained(network(64, { units: 300, activation: 'softmax' }), threeClasses),
    'its 4,613,212 weights',
  ],
])('%s: the reason instead', async (_, given, reason) => {
  expect(await liveModel(given, 'run')).toMatchObject({ reason: expect.stringContaining(reason) })
})
