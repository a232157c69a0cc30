/**
 * A loss of one's own is a formula too: what an answer costs, one number for each sample. Here two of five training labels are drawn by
 * lot, as labels are sometimes careless. Cross-entropy, -log p, grows without limit for a label the network finds unlikely, so
 * wrong labels pull hard. (1 - p^q) / q levels off and lets them go: "generalized cross-entropy" (Zhang and Sabuncu 2018).
 */
import { adam, conv2d, customLoss, dense, flatten, maxPooling2d, rescaling, sequential } from 'fovea'
import { figures } from './figures.js'
import { chart, percent, target } from './output.js'
import { randomNumbers } from './random.js'

const dataset = figures()
const random = randomNumbers(5)
const labels = dataset.train.labels.map(label => (random() < 0.4 ? Math.floor(4 * random()) : label))
const wrong = labels.filter((label, index) => label !== dataset.train.labels[index]).length
console.log(`${wrong} of ${labels.length} training labels are wrong; the test's are right\n`)
const careless = { ...dataset, train: { ...dataset.train, labels } }

const q = 0.7
/** `label` has the one-hot rows, `answer` the probabilities: [batch, classes]. p is the probability of the label. */
const generalized = customLoss('generalizedCrossentropy', (graph, label, answer) => {
  const p = graph.max(graph.sum(graph.mul(label, answer), [1]), 1e-7)
  const power = graph.unary('exp', graph.mul(graph.unary('log', p), q))
  return graph.div(graph.sub(1, power), q)
})

/** @type {number[]} */
const accuracies = []
/** @type {Record<string, number[]>} */
const curves = {}
for (const loss of /** @type {const} */ (['categoricalCrossentropy', generalized])) {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
    conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
    maxPooling2d(),
    conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    flatten(),
    dense({ units: 64, activation: 'relu' }),
    dense({ units: 4, activation: 'softmax' }),
  ])
  model.compile({ optimizer: adam({ learningRate: 0.003 }), loss, metrics: ['accuracy'] })
  const { history } = await model.fit(careless, { epochs: 20, validation: 'test', verbose: 0 })
  const accuracy = history['val_accuracy'][19]
  accuracies.push(accuracy)
  const name = typeof loss === 'string' ? 'cross-entropy' : 'generalized'
  curves[name] = history['val_accuracy']
  console.log(`${name}: test accuracy ${percent(accuracy)}`)
  await model.dispose()
}

chart('test accuracy', curves, { write: percent })

const [plain, own] = accuracies
target('the loss that levels off is at least 5 points ahead', own > plain + 0.05)
