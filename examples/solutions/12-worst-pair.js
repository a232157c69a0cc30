/**
 * Exercise 12. Which two classes does a classifier confuse most? Find the pair in the confusion matrix, and look at the pictures behind it.
 */
import { confusionMatrix, dense, flatten, pictureOf, predictedClasses, rescaling, sequential } from 'fovea'
import { figures } from '../figures.js'
import { bars, show, target } from '../output.js'

const dataset = figures()
const { classNames, test } = dataset
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
  flatten(),
  dense({ units: 128, activation: 'relu' }),
  dense({ units: 4, activation: 'softmax' }),
])
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
await model.fit(dataset, { epochs: 20, verbose: 0 })
const predicted = predictedClasses((await model.predict(dataset)).data, 4)
await model.dispose()

// A pair is confused in both directions: the sum of two cells that lie across the diagonal.
const matrix = confusionMatrix(test.labels, predicted, 4)
const pairs = classNames.flatMap((name, a) =>
  classNames.slice(a + 1).map((other, at) => {
    const b = a + 1 + at
    return { name: `${name} and ${other}`, a, b, count: matrix[a][b] + matrix[b][a] }
  }),
)
pairs.sort((one, other) => other.count - one.count)
bars('confused pictures', Object.fromEntries(pairs.map(({ name, count }) => [name, count])), String)

const [worst] = pairs
const confused = [...predicted.keys()].filter(index => {
  const is = test.labels[index]
  return is !== predicted[index] && [worst.a, worst.b].includes(is) && [worst.a, worst.b].includes(predicted[index])
})
console.log(`${worst.name}:`)
show(...confused.slice(0, 4).map(index => pictureOf(dataset.shape, test, index)))
target(
  'the pictures found are as many as the matrix says, more than of any other pair',
  confused.length === worst.count && worst.count > pairs[5].count,
)
