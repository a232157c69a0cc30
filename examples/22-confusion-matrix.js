/**
 * One accuracy says how often a classifier is right; the confusion matrix says what it takes for what. Precision: of the pictures it calls
 * a disc, how many are? Recall: of the discs, how many does it find? F1 is the harmonic mean of the two.
 *
 *     node examples/22-confusion-matrix.js           the figures that the examples share
 *     node examples/22-confusion-matrix.js mnist     real digits, or another data set
 */
import {
  classScores,
  confusionMatrix,
  dense,
  flatten,
  loadDataset,
  pictureOf,
  predictedClasses,
  rescaling,
  sequential,
} from 'fovea'
import { figures } from './figures.js'
import { percent, show, target } from './output.js'

const name = process.argv[2]
const [dataset, epochs] = name === undefined ? [figures(), 20] : [await loadDataset(name), 3]
const { classNames, test } = dataset
// A plain MLP, so that there is something to confuse.
const model = sequential([
  rescaling({ scale: 1 / 255, inputShape: dataset.shape }),
  flatten(),
  dense({ units: 128, activation: 'relu' }),
  dense({ units: classNames.length, activation: 'softmax' }),
])
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
await model.fit(dataset, { epochs, verbose: 0 })
const { accuracy } = await model.evaluate(dataset)
const { data: probabilities } = await model.predict({ shape: [test.count, ...dataset.shape], data: test.images })
await model.dispose()

// Rows: what it is. Columns: what it was taken for.
const predicted = predictedClasses(probabilities, classNames.length)
const matrix = confusionMatrix(test.labels, predicted, classNames.length)
console.log(`${'is \\ taken for'.padEnd(16)}${classNames.map(name => name.padStart(8)).join('')}`)
matrix.forEach((row, index) => {
  console.log(`${classNames[index].padEnd(16)}${row.map(count => String(count).padStart(8)).join('')}`)
})

const scores = classScores(matrix)
console.log(`\n${''.padEnd(16)}precision  recall      F1`)
for (const [index, { precision, recall, f1 }] of scores.classes.entries())
  console.log(classNames[index].padEnd(16), [precision, recall, f1].map(score => percent(score).padStart(7)).join('  '))

// The mistakes it was surest of are worth a look: bad pictures, wrong labels, or something to learn.
const mistakes = Array.from(predicted, (answer, index) => ({
  index,
  answer,
  probability: probabilities[index * classNames.length + answer],
}))
  .filter(({ index, answer }) => test.labels[index] !== answer)
  .sort((a, b) => b.probability - a.probability)
  .slice(0, 3)
console.log('\nsurest mistakes:')
for (const { index, answer, probability } of mistakes)
  console.log(`  ${classNames[answer]} (${percent(probability)}), but it is a ${classNames[test.labels[index]]}`)
show(...mistakes.map(({ index }) => pictureOf(dataset.shape, test, index)))

const right = matrix.reduce((sum, row, index) => sum + row[index], 0)
target(
  `the diagonal of the matrix over all ${test.count} pictures is the accuracy, ${percent(accuracy)}, over 60 %`,
  Math.abs(right / test.count - accuracy) < 1e-6 && accuracy > 0.6,
)
