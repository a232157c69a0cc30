/**
 * The learning rate over time, and when to stop. Large steps learn quickly and then jump about; so the rate is lowered as training goes
 * on. Training ends when the validation loss has not improved for some epochs, and the best weights, not the last, are kept.
 */
import {
  conv2d,
  dense,
  earlyStopping,
  flatten,
  learningRateScheduler,
  loadModel,
  maxPooling2d,
  modelCheckpoint,
  rescaling,
  sequential,
  splitValidation,
} from 'fovea'
import { figures } from './figures.js'
import { chart, curve, outputFile, target } from './output.js'

const dataset = figures({ train: 800 })

const network = () =>
  sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    flatten(),
    dense({ units: 4, activation: 'softmax' }),
  ])

/** Trains with a learning rate for every epoch (counted from 0). */
async function train(
  /** @type {(epoch: number) => number} */ rate,
  /** @type {import('fovea').Callback[]} */ ...others
) {
  const model = network()
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const callbacks = [learningRateScheduler(rate), ...others]
  const { history, epochs } = await model.fit(dataset, {
    epochs: 40,
    validation: { count: 200 },
    callbacks,
    verbose: 0,
  })
  await model.dispose()
  const losses = history['val_loss']
  const rates = epochs.map(({ learningRate }) => learningRate)
  console.log(`  learning rate   ${curve(rates, 0, 0.006)}`)
  console.log(
    `  validation loss lowest ${Math.min(...losses).toFixed(3)}, last ${losses[losses.length - 1].toFixed(3)}`,
  )
  return losses
}
/** Between which losses the last ten epochs moved. */
const swing = (/** @type {number[]} */ losses) => Math.max(...losses.slice(-10)) - Math.min(...losses.slice(-10))

console.log('the same rate throughout:')
const constant = await train(() => 0.006)

console.log('from epoch 24 on halved every four epochs:')
const lowered = (/** @type {number} */ epoch) => 0.006 * 0.5 ** Math.max(0, Math.ceil((epoch - 23) / 4))
const falling = await train(lowered)
console.log(`\nthe last ten epochs move by ${swing(constant).toFixed(3)} and by ${swing(falling).toFixed(3)}`)
chart('validation loss', { 'same rate': constant, 'falling rate': falling })

// The checkpoint writes the model whenever the validation loss is the lowest so far (with `verbose: 1` fit tells so). Early stopping ends
// training after three epochs without a better one: a third of the time saved, and a lower loss missed that came later. What is used
// afterwards is the model of the best epoch, read from the file.
const file = outputFile('best.safetensors')
console.log('\nstopped early:')
const stopped = await train(() => 0.006, modelCheckpoint({ filepath: file }), earlyStopping({ patience: 3 }))
const best = await loadModel(file)
best.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
const { loss } = await best.evaluate(splitValidation(dataset.train, { count: 200 }).validation)
console.log(`  after ${stopped.length} epochs; the model in the file has validation loss ${loss.toFixed(3)}`)
await best.dispose()

target(
  'a falling rate calms the last epochs to a third; training stops early; the file holds the best epoch',
  swing(falling) < swing(constant) / 3 && stopped.length < 40 && Math.abs(loss - Math.min(...stopped)) < 1e-4,
)
