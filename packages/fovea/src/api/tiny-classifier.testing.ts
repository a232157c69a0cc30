/** Classifiers small enough for the reference device, on a platform of memory, for tests. */
import { dense } from '../layers/dense.ts'
import { sgd } from '../optimizer/factories.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { createModels } from './models.ts'
import type { Platform } from './platform.ts'

export function place() {
  let text = ''
  const files = memoryFiles()
  const output = {
    write: (part: string) => {
      text += part
    },
    isTerminal: false,
    columns: 80,
  }
  const device = () => referenceDevice({ round: Math.fround })
  const platform: Platform = { clock: steppedClock(), device, output, files }
  return { ...createModels(platform), files, printed: () => text, platform }
}

export const compiled = {
  optimizer: sgd({ learningRate: 0.5 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
}

export function tiny(options: { seed?: number; loss?: string } = {}) {
  const here = place()
  const model = here.sequential(
    [dense({ units: 4, activation: 'tanh', inputShape: [2] }), dense({ units: 2, activation: 'softmax' })],
    options.seed === undefined ? {} : { seed: options.seed },
  )
  model.compile({ ...compiled, ...(options.loss !== undefined && { loss: options.loss }) })
  return { ...here, model }
}

export const quiet = { verbose: 0 } as const
