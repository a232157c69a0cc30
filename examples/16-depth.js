/**
 * Deeper or shallower? A convolution of 3×3 sees nine pixels; one that looks at the results of another sees more, and after pooling each
 * step is twice as wide: the receptive field grows with every layer. Where the noise hides what nine pixels show, it helps to see more.
 * But more layers also take longer to learn: in these twelve epochs the third one does not pay.
 */
import { adam, conv2d, dense, globalMaxPooling2d, maxPooling2d, receptiveField, rescaling, sequential } from 'fovea'
import { figures } from './figures.js'
import { chart, percent, target } from './output.js'

const dataset = figures({ noise: 110 })
const convolution = (/** @type {number} */ filters) =>
  conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' })

/** The layers between the picture and the pooling over all places. */
const depths = {
  'one convolution': [convolution(24)],
  'two convolutions': [convolution(12), maxPooling2d(), convolution(16)],
  'three convolutions': [convolution(8), maxPooling2d(), convolution(12), maxPooling2d(), convolution(12)],
}

/** @type {number[]} */
const accuracies = []
/** @type {Record<string, number[]>} */
const curves = {}
/** @type {number[]} */
const fields = []
for (const [name, layers] of Object.entries(depths)) {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    ...layers,
    globalMaxPooling2d(),
    dense({ units: 4, activation: 'softmax' }),
  ])
  // What one number of the last convolution depends on, if it lay far from the border.
  const last = model.model.layers[layers.length].layer.name
  const { height } = receptiveField(model.model, last, [0, 0, 0]).uncut
  model.compile({
    optimizer: adam({ learningRate: 0.005 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  })
  const { history } = await model.fit(dataset, { epochs: 12, validation: 'test', verbose: 0 })
  const validation = history['val_accuracy']
  accuracies.push(Math.max(...validation))
  fields.push(height)
  console.log(`${name}: sees ${height}×${height} pixels, ${model.countParams().total} parameters`)
  console.log(`  best accuracy ${percent(Math.max(...validation))}`)
  curves[name] = validation
  await model.dispose()
}

chart('validation accuracy', curves, { write: percent })

const [one, two, three] = accuracies
target(
  'the receptive fields are 3, 8 and 18 pixels wide; two convolutions are ahead of one by at least 8 points, and of three',
  fields.join() === '3,8,18' && two > one + 0.08 && two > three,
)
