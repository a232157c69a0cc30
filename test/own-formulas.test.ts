/** Formulas and weights of a user's own: what they give is checked where it is first used, and told by its name. */
import { describe, expect, test } from 'vitest'
import { place } from '../packages/fovea/src/api/tiny-classifier.testing.ts'
import { customLayer } from '../packages/fovea/src/layers/custom-layer.ts'
import { dense } from '../packages/fovea/src/layers/dense.ts'
import { customLoss } from '../packages/fovea/src/objectives/losses.ts'
import { sgd } from '../packages/fovea/src/optimizer/factories.ts'
import { classes, points } from '../packages/fovea/src/train/tiny.testing.ts'

const none: readonly unknown[] = [undefined, null, 5, 'x', [], {}, Symbol('s'), Promise.resolve(1)]
const targets = { shape: [13, 2], data: new Float32Array(26) }

function own(layer: unknown, loss: unknown) {
  const model = place().sequential([layer as never, dense({ units: 2 })])
  model.compile({ optimizer: 'sgd', loss: loss as never })
  return model
}

describe('what a formula gives that is no node', () => {
  test.each(none.map(value => [value]))('%s, of a layer', async value => {
    const layer = customLayer('Own', () => value as never, { inputShape: [2] })
    await expect(own(layer, 'mse').fit(points, targets, { verbose: 0 })).rejects.toThrow(
      /^Own: the formula gives no node/,
    )
  })
  test.each(none.map(value => [value]))('%s, of a loss', async value => {
    const loss = customLoss('own', () => value as never)
    await expect(own(dense({ units: 2, inputShape: [2] }), loss).fit(points, targets, { verbose: 0 })).rejects.toThrow(
      /^The formula of loss 'own' gives no node/,
    )
  })
  test.each(none.map(value => [value]))('%s, as weights or shape', value => {
    const make = (options: object) =>
      own(
        customLayer('Own', (_, x) => x, { inputShape: [2], ...options }),
        'mse',
      )
    // An empty list says that there are none: no weights, no axes but the batch.
    if (!Array.isArray(value)) {
      expect(() => make({ outputShape: () => value })).toThrow(/outputShape of Own/)
      expect(() => make({ weights: () => value })).toThrow(/The weights of Own/)
    }
    if (value === undefined) return
    expect(() => make({ weights: value })).toThrow(/"weights" of Own/)
    expect(() => make({ outputShape: value })).toThrow(/"outputShape" of Own/)
    expect(() => customLoss('own', value as never)).toThrow(/needs a name and a formula/)
    expect(() => customLoss('own', () => value as never, value as never)).toThrow(/"target" of customLoss/)
  })
})

test('what is infinite or zero as float32, in which a step computes, is refused or said', async () => {
  const here = place()
  const model = here.sequential([dense({ units: 2, activation: 'softmax', inputShape: [2] })])
  model.compile({ optimizer: sgd({ learningRate: 1e-50 }), loss: 'sparseCategoricalCrossentropy' })
  expect(here.printed()).toMatch(/learning rate is 0/)
  for (const weights of [{ classWeight: { 0: 1e308 } }, { sampleWeight: new Array(13).fill(1e308) }])
    await expect(model.fit(points, classes, { verbose: 0, ...weights })).rejects.toThrow(/is unusable/)
})
