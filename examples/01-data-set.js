/**
 * What a classifier learns from: pictures, and for each the number of its class. A part is kept to test it on: only pictures that it has
 * never seen tell what it has learned. Look at your data before you train on them.
 *
 *     node examples/01-data-set.js           a few pictures of the built-in data set `shapes`
 *     node examples/01-data-set.js mnist     a data set that is fetched (or found in the folder FOVEA_DATA)
 */
import { generateShapes, loadDataset, pictureOf, splitValidation, toCategorical } from 'fovea'
import { show, target } from './output.js'

const name = process.argv[2]
const dataset = name === undefined ? generateShapes({ train: 1000, test: 200 }) : await loadDataset(name)

// Training needs a third part: pictures that are held out, to see during training how it goes with pictures never trained on.
const { train, validation } = splitValidation(dataset.train, { fraction: 0.1 })
console.log(`${dataset.name}: pictures of ${dataset.shape.join('×')} (height × width × channels)`)
console.log(`${train.count} train, ${validation.count} validation, ${dataset.test.count} test`)
console.log(`classes: ${dataset.classNames.join(', ')}\n`)

// A network has one output for each class. So a label becomes a row with a single 1, at the place of its class: "one-hot".
const classes = dataset.classNames.length
const labels = dataset.train.labels.subarray(0, 10)
const oneHot = toCategorical(labels, classes)
const rows = Array.from(labels, (_, row) => [...oneHot.data.subarray(row * classes, (row + 1) * classes)])
console.log(`first labels: ${labels.join(' ')}`)
for (const [index, row] of rows.slice(0, 3).entries()) console.log(`${labels[index]} as one-hot: ${row.join(' ')}`)

console.log(`\nthe first: ${Array.from(labels.subarray(0, 3), label => dataset.classNames[label]).join(', ')}`)
show(...[0, 1, 2].map(index => pictureOf(dataset.shape, dataset.train, index)))

// Reading a one-hot row backwards (where is the 1?) gives the label again. A network's answer is read the same way.
const readBack = rows.map(row => row.indexOf(Math.max(...row)))
target('the one-hot rows say the same as the labels', readBack.join() === labels.join())
