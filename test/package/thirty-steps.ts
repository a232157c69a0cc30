/**
 * Thirty steps of a small CNN with everything that makes bits depend on order (dropout, batch norm, shuffling, Adam), and the
 * hash of its weights. The package suite compiles this very file for Node and for the browser: both must give the same bits.
 */
import type { FitOptions } from 'fovea'
import {
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  generateShapes,
  maxPooling2d,
  rescaling,
  sequential,
  weightsSha256,
} from 'fovea'

/** `threads` as the user says, or as many as there may be; `more`: a checkpoint to write or to go on from. */
export async function thirtySteps(threads?: number, more: FitOptions = {}) {
  const shapes = generateShapes({ train: 30 * 32, test: 40 })
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: shapes.shape }),
    conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
    batchNormalization(),
    maxPooling2d(),
    conv2d({ filters: 12, kernelSize: 3, activation: 'tanh' }),
    maxPooling2d(),
    flatten(),
    dropout({ rate: 0.25 }),
    dense({ units: 32, activation: 'elu' }),
    dense({ units: 10, activation: 'softmax' }),
  ])
  model.compile({
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    ...(threads && { threads }),
  })
  const history = await model.fit(shapes, { epochs: 1, batchSize: 32, seed: 7, verbose: 0, ...more })
  const { accuracy } = await model.evaluate(shapes)
  const sha256 = weightsSha256(await model.getWeights())
  const { device, threads: used } = model.info!
  await model.dispose()
  return { device, threads: used, steps: history.steps, loss: history.history['loss']?.[0], accuracy, sha256 }
}
