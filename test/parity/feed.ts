/** Fills the inputs of one training step with pictures in file order, as the recording script does. */

import { sizeOf } from '../../packages/fovea/src/base/shape.ts'
import type { Split } from '../../packages/fovea/src/data/dataset.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { learningRateAt, type Optimizer } from '../../packages/fovea/src/optimizer/optimizer.ts'
import type { FeedSlots } from '../../packages/fovea/src/runtime/device.ts'

export function feedStep(
  slots: FeedSlots,
  model: Model,
  pictures: Split,
  optimizer: Optimizer,
  { step, batch }: { readonly step: number; readonly batch: number },
): number {
  const [input] = model.inputs
  const [output] = model.outputs
  const size = sizeOf(input!.shape)
  const first = step * batch
  slots[input!.name]!.set(pictures.images.subarray(first * size, (first + batch) * size))
  slots[`target:${output!.name}`]!.set(pictures.labels.subarray(first, first + batch))
  slots[`weight:${output!.name}`]!.fill(1)
  const scalars = optimizer.scalars(step + 1, learningRateAt(optimizer, step + 1))
  for (const [name, value] of Object.entries(scalars)) slots[`scalar:${name}`]?.fill(value)
  return batch
}
