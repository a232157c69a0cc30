/**
 * Exercise 8. A dense layer must learn a figure at every place anew. Help it: move the training pictures about while it trains. How near
 * does the MLP of example 11 come to the CNN?
 */
import { conv2d, dense, flatten, maxPooling2d, randomTranslation, rescaling, sequential } from 'fovea'
import { figures } from '../figures.js'
import { bars, target } from '../output.js'

const dataset = figures({ train: 1000 })
const input = () => rescaling({ scale: 1 / 255, inputShape: dataset.shape })
const moved = () => randomTranslation({ heightFactor: 0.3, widthFactor: 0.3, fillMode: 'nearest' })
const output = () => dense({ units: 4, activation: 'softmax' })
const hidden = () => [flatten(), dense({ units: 128, activation: 'relu' }), dense({ units: 64, activation: 'relu' })]
const models = {
  MLP: [input(), ...hidden(), output()],
  'MLP, pictures moved': [input(), moved(), ...hidden(), output()],
  CNN: [
    input(),
    conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
    maxPooling2d(),
    conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    flatten(),
    output(),
  ],
}

/** @type {Record<string, number>} */
const accuracies = {}
for (const [name, layers] of Object.entries(models)) {
  const model = sequential(layers)
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  await model.fit(dataset, { epochs: 30, verbose: 0 })
  accuracies[name] = (await model.evaluate(dataset)).accuracy
  await model.dispose()
}

// What the convolution has built in, the MLP can be taught, for more pictures and more time.
bars('test accuracy', accuracies)
const [plain, helped, cnn] = Object.values(accuracies)
target('moving the pictures helps the MLP, and the CNN stays ahead', helped > plain + 0.02 && cnn > helped)
