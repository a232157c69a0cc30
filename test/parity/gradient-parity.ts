/**
 * The first training step of a recorded model on a device: how far each gradient tensor is from the float64 reference,
 * ‖Δ‖ / ‖g‖ (Euclidean norms over the tensor).
 */
import type { Split } from '../../packages/fovea/src/data/dataset.ts'
import { buildEntries } from '../../packages/fovea/src/engine/entries.testing.ts'
import { optimizer } from '../../packages/fovea/src/optimizer/factories.ts'
import type { CompileSettings, Device, StepOutputs } from '../../packages/fovea/src/runtime/device.ts'
import { referenceDevice } from '../../packages/fovea/src/runtime/reference.ts'
import { feedStep } from './feed.ts'
import { parityModel, parityWeights } from './models.ts'

export interface GradientDistance {
  readonly tensor: string
  readonly relative: number
}

export async function gradientDistances(
  device: Device,
  name: string,
  pictures: Split,
  batch: number,
  options: CompileSettings = {},
): Promise<GradientDistance[]> {
  const exact = await firstGradients(referenceDevice(), name, pictures, batch)
  const received = await firstGradients(device, name, pictures, batch, options)
  return Object.keys(exact).map(tensor => {
    const difference = exact[tensor]!.map((value, index) => value - received[tensor]![index]!)
    return { tensor, relative: norm(difference) / norm(exact[tensor]!) }
  })
}

async function firstGradients(
  device: Device,
  name: string,
  pictures: Split,
  batch: number,
  options: CompileSettings = {},
): Promise<StepOutputs> {
  const model = parityModel(name)
  const rule = optimizer('sgd')
  const loss = 'sparseCategoricalCrossentropy'
  const entries = buildEntries(model, { batch, inputTypes: ['u8'], loss, optimizer: rule, gradients: true })
  const program = await device.compile({ gradients: entries.gradients! }, options)
  try {
    const weights = parityWeights(model)
    const read = new Set(entries.gradients!.states.map(state => state.attributes.name))
    await program.writeStates(Object.fromEntries(Object.entries(weights).filter(([weight]) => read.has(weight))))
    const [outputs] = await program.run('gradients', 1, (step, slots) =>
      feedStep(slots, model, pictures, rule, { step, batch }),
    )
    return outputs!
  } finally {
    await program.dispose()
  }
}

function norm(values: Float32Array | Float64Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return Math.sqrt(sum)
}
