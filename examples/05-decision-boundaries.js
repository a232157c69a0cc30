/**
 * What a network has learned of two numbers per sample can be seen: colour every point of the plane by its answer. Where the colours
 * meet is the decision boundary. Three networks learn the same few points, some with a wrong label: one network is too simple, one
 * fits, one bends its boundary around every single point.
 */
import { adam, chain, dense, enlarged, input, model, writePng } from 'fovea'
import { outputFile, percent, show, target } from './output.js'
import { randomNumbers } from './random.js'

/** Points of the square from -1 to 1; class 1 is a disc in it. Of the labels the share `wrong` is turned round. */
function points(/** @type {number} */ count, /** @type {number} */ wrong, /** @type {number} */ seed) {
  const random = randomNumbers(seed)
  const x = Array.from({ length: count }, () => [2 * random() - 1, 2 * random() - 1])
  const y = x.map(([across, down]) => [Number(across * across + down * down < 0.5 !== random() < wrong)])
  return { x, y }
}
const train = points(80, 0.1, 1)
const test = points(1000, 0, 2)

const output = () => dense({ units: 1, activation: 'sigmoid' })
const hidden = (/** @type {number} */ units) => dense({ units, activation: 'tanh' })
const networks = {
  underfitted: { layers: [output()], epochs: 200 },
  'well fitted': { layers: [hidden(8), output()], epochs: 400 },
  overfitted: { layers: [hidden(64), hidden(64), output()], epochs: 1000 },
}

const pixels = 32
const plane = Array.from({ length: pixels * pixels }, (_, pixel) =>
  [pixel % pixels, Math.floor(pixel / pixels)].map(place => ((place + 0.5) / pixels) * 2 - 1),
)

/** The answers over the plane in blue (0) to orange (1), with the training points on top, darker. */
function draw(/** @type {Float32Array} */ answers) {
  const mixed = (/** @type {number} */ share) => [60 + 195 * share, 110 + 60 * share, 220 - 180 * share]
  const data = Uint8Array.from([...answers].flatMap(mixed))
  train.x.forEach(([across, down], index) => {
    const [column, row] = [across, down].map(place => Math.floor(((place + 1) / 2) * pixels))
    data.set(
      mixed(train.y[index][0]).map(value => value / 2),
      3 * (row * pixels + column),
    )
  })
  return /** @type {import('fovea').Picture} */ ({ width: pixels, height: pixels, channels: 3, data })
}

const scores = []
const pictures = []
for (const [name, { layers, epochs }] of Object.entries(networks)) {
  const x = input({ shape: [2] })
  const network = model({ inputs: x, outputs: chain(x, ...layers) })
  network.compile({ optimizer: adam({ learningRate: 0.02 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] })
  await network.fit(train.x, train.y, { epochs, verbose: 0 })
  const seen = (await network.evaluate(train.x, train.y)).accuracy
  const unseen = (await network.evaluate(test.x, test.y)).accuracy
  console.log(`${name.padEnd(12)} right on the training points: ${percent(seen)}, on new ones: ${percent(unseen)}`)
  scores.push({ seen, unseen })
  const picture = draw((await network.predict(plane)).data)
  pictures.push(picture)
  await writePng(outputFile(`boundary-${name.replace(' ', '-')}.png`), enlarged(picture))
  await network.dispose()
}
show(...pictures)

// Only points that it was not trained on tell how good a network is.
const [under, well, over] = scores
target(
  'the overfitted network knows the training points best, the well fitted one is best on new points',
  over.seen > well.seen && well.seen > under.seen && well.unseen > Math.max(under.unseen, over.unseen) + 0.05,
)
