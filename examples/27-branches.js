/**
 * Networks that are no chain. `input` and `apply` connect layers freely: here a block that looks through windows of three sizes at once and
 * puts the maps side by side (an idea of GoogLeNet), and one whose input is added to its output (of ResNet), so that it has only to learn
 * what to change.
 */
import {
  activation,
  adam,
  add,
  apply,
  chain,
  concatenate,
  conv2d,
  dense,
  globalMaxPooling2d,
  input,
  maxPooling2d,
  model,
  rescaling,
} from 'fovea'
import { figures } from './figures.js'
import { chart, percent, target } from './output.js'

const dataset = figures()
const relu = () => activation({ activation: 'relu' })
const same = (/** @type {number} */ filters, /** @type {number} */ kernelSize) =>
  conv2d({ filters, kernelSize, padding: 'same' })

const picture = input({ shape: dataset.shape })
const scaled = apply(rescaling({ scale: 1 / 255 }), picture)

// Three windows side by side: 4 + 8 + 4 maps.
const windows = [same(4, 1), same(8, 3), same(4, 5)].map(layer => apply(layer, scaled))
const wide = chain(apply(concatenate(), windows), relu(), maxPooling2d())

// A shortcut around two convolutions: 16 maps in, 16 maps out.
const changed = chain(wide, same(16, 3), relu(), same(16, 3))
const residual = chain(apply(add(), [wide, changed]), relu())

const output = chain(residual, same(32, 3), relu(), globalMaxPooling2d(), dense({ units: 4, activation: 'softmax' }))
const network = model({ inputs: picture, outputs: output })
console.log(network.summary())

network.compile({
  optimizer: adam({ learningRate: 0.005 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
})
const { history } = await network.fit(dataset, { epochs: 6, validation: 'test', verbose: 0 })
chart('accuracy', { training: history['accuracy'], 'new pictures': history['val_accuracy'] }, { write: percent })
const { accuracy } = await network.evaluate(dataset)
console.log(`test accuracy ${percent(accuracy)}`)
await network.dispose()
target('over 90 % after six epochs', accuracy > 0.9)
