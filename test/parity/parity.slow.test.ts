/**
 * Ten training losses of seven models on real pictures: the float64 reference device against PyTorch in double
 * (recorded.json, made by scripts/parity/record.py). Needs the data sets: FOVEA_DATA names their folder.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadDataset } from '../../src/host/node/datasets.ts'
import { optimizer } from '../../src/optimizer/factories.ts'
import { buildEntries, initialOptimizerState } from '../../src/optimizer/step.ts'
import { referenceDevice } from '../../src/runtime/reference.ts'
import { feedStep } from './feed.ts'
import { parityModel, parityWeights } from './models.ts'

interface Recorded {
  readonly models: Readonly<
    Record<string, { dataset: string; batch: number; optimizer: 'sgd' | 'rmsprop'; losses: readonly number[] }>
  >
}

const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as Recorded
const dataDir = process.env['FOVEA_DATA']
if (!dataDir) console.warn('Parity with the recorded losses is skipped: FOVEA_DATA does not name the data sets.')

describe.skipIf(!dataDir)('ten losses of the reference device equal those of PyTorch in double', () => {
  it.each(Object.entries(recorded.models))('%s', async (name, { dataset, batch, optimizer: chosen, losses }) => {
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
