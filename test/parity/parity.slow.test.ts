/**
 * Seven models on real pictures: ten training losses of the float64 reference device against PyTorch in double (recorded.json,
 * made by scripts/parity/record.py), and what float32 storage does to the first gradients.
 */
import { describe, expect, it } from 'vitest'
import { buildEntries } from '../../packages/fovea/src/engine/entries.testing.ts'
import { initialOptimizerState } from '../../packages/fovea/src/engine/train-entry.ts'
import { loadDataset } from '../../packages/fovea/src/host/node/datasets.ts'
import { optimizer } from '../../packages/fovea/src/optimizer/factories.ts'
import { referenceDevice } from '../../packages/fovea/src/runtime/reference.ts'
import { feedStep } from './feed.ts'
import { gradientDistances } from './gradient-parity.ts'
import { parityModel, parityWeights } from './models.ts'
import { hasPictures, recordedModels } from './recorded.ts'

describe.skipIf(!hasPictures)('ten losses of the reference device equal those of PyTorch in double', () => {
  it.each(recordedModels)('%s', async (name, { dataset, batch, optimizer: chosen, losses }) => {
    const { train } = await loadDataset(dataset, { offline: true })
    const model = parityModel(name)
    const rule = optimizer(chosen)
    const entries = buildEntries(model, {
      batch,
      inputTypes: ['u8'],
      loss: 'sparseCategoricalCrossentropy',
      optimizer: rule,
    })
    const program = await referenceDevice().compile({ train: entries.train })
    await program.writeStates({ ...parityWeights(model), ...initialOptimizerState(model, rule) })
    const outputs = await program.run('train', losses.length, (step, slots) =>
      feedStep(slots, model, train, rule, { step, batch }),
    )
    const received = outputs.map(output => output['loss']![0]!)
    for (const [step, loss] of losses.entries()) {
      expect(Math.abs(received[step]! - loss), `step ${step}: ${received[step]} instead of ${loss}`).toBeLessThan(1e-8)
    }
    await program.dispose()
  })
})

describe.skipIf(!hasPictures)('float32 storage alone moves the first gradients little', () => {
  it.each(recordedModels)('%s', async (name, { dataset, batch }) => {
    const { train } = await loadDataset(dataset, { offline: true })
    const distances = await gradientDistances(referenceDevice({ round: Math.fround }), name, train, batch)
    for (const { tensor, relative } of distances) expect(relative, tensor).toBeLessThanOrEqual(2e-4)
    console.info(`${name}: ${Math.max(...distances.map(({ relative }) => relative)).toExponential(1)}`)
  })
})
