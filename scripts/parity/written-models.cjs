/**
 * Loads with TensorFlow.js what Fovea wrote for it: answers within 1e-5. The files come from the slow suite (see written-models.py):
 *
 *     npm install --prefix /tmp/tfjs --ignore-scripts @tensorflow/tfjs@4.22.0
 *     NODE_PATH=/tmp/tfjs/node_modules node scripts/parity/written-models.cjs FOLDER
 */
const { existsSync, readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const tf = require('@tensorflow/tfjs')

const folder = process.argv[2]
const jsonAt = path => JSON.parse(readFileSync(path, 'utf8'))

async function loaded(place) {
  const json = jsonAt(join(place, 'model.json'))
  const [{ paths, weights }] = json.weightsManifest
  const bytes = Buffer.concat(paths.map(path => readFileSync(join(place, path))))
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs: weights, weightData }))
}

async function differenceAt(place) {
  const { inputs, outputs } = jsonAt(join(place, 'expected.json'))
  const model = await loaded(place)
  const tensors = inputs.map(({ data, shape }) => tf.tensor(data, shape))
  const answers = [model.predict(tensors.length > 1 ? tensors : tensors[0])].flat()
  const differences = answers.flatMap((answer, at) => {
    const right = outputs[at].data
    const largest = Math.max(1, ...right.map(Math.abs))
    return [...answer.dataSync()].map((value, index) => Math.abs(value - right[index]) / largest)
  })
  return Math.max(...differences)
}

async function main() {
  await tf.setBackend('cpu')
  const wrong = []
  let largest = 0
  const places = readdirSync(folder).filter(name => {
    return ['model.json', 'expected.json'].every(file => existsSync(join(folder, name, file)))
  })
  for (const name of places) {
    try {
      const difference = await differenceAt(join(folder, name))
      largest = Math.max(largest, difference)
      if (!(difference <= 1e-5)) wrong.push(`${name}: ${difference}`)
    } catch (error) {
      wrong.push(`${name}: ${error.message.slice(0, 300)}`)
    }
  }
  process.stdout.write(`TensorFlow.js ${tf.version.tfjs}: ${places.length} models, largest difference ${largest}\n`)
  process.stdout.write(wrong.map(line => `${line}\n`).join(''))
  process.exitCode = wrong.length > 0 ? 1 : 0
}

main()
