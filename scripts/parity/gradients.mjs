/**
 * Gradients of whole networks of the zoo, for scripts/parity/gradients.py to compare with PyTorch's:
 *
 *     npm run build && node scripts/parity/gradients.mjs FOLDER [NETWORK …]
 *
 * Writes for each network its configuration with the names and shapes of its weights (NETWORK.json) and, one after the other as float32,
 * its weights, a batch of random pictures, and the gradients of the mean cross-entropy (NETWORK.f32). Dropout has rate 0.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { classifier, modelFromConfig, modelToConfig, zooModel } from 'fovea'

const networks = {
  resnet20: { of: 'resnet20', batch: 16 },
  googlenet: { of: 'googlenet', batch: 4 },
  'googlenet-auxiliary': { of: 'googlenet-auxiliary', batch: 4, lossWeights: [1, 0.3, 0.3] },
  'mobilenet-v2-0.35-96': { of: 'mobilenet-v2', options: { alpha: 0.35, inputShape: [96, 96, 3] }, batch: 8 },
  'mobilenet-v2-1.0-224': { of: 'mobilenet-v2', batch: 4 },
}

/** Numbers 0 … 2³² − 1, the same every time (mulberry32). */
function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return (bits ^ (bits >>> 14)) >>> 0
  }
}

async function write(folder, name, { of, options, batch, lossWeights = [1] }) {
  const random = randomNumbers(1)
  const built = modelToConfig(zooModel(of).build(options))
  const rateless = layer => (layer.type === 'Dropout' ? { ...layer, config: { ...layer.config, rate: 0 } } : layer)
  const config = { ...built, layers: built.layers.map(rateless) }
  const network = classifier(modelFromConfig(config), { seed: 1 })
  const { inputs, outputs } = network.model
  const [shape, classes] = [[batch, ...inputs[0].shape], outputs[0].shape[0]]
  const pictures = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random() >>> 24)
  const labels = Int32Array.from({ length: batch }, () => random() % classes)
  const several = outputs.length > 1
  network.compile({
    optimizer: 'sgd',
    loss: 'sparseCategoricalCrossentropy',
    metrics: [],
    ...(several && { lossWeights }),
  })
  const weights = await network.getWeights()
  const gradients = await network.gradients({ shape, data: pictures }, several ? outputs.map(() => labels) : labels)
  const list = tensors => tensors.map(tensor => ({ name: tensor.name, shape: tensor.shape }))
  const about = { config, shape, labels: [...labels], lossWeights, weights: list(weights), gradients: list(gradients) }
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(about))
  const numbers = [...weights.map(({ data }) => data), pictures, ...gradients.map(({ data }) => data)]
  writeFileSync(
    join(folder, `${name}.f32`),
    Buffer.concat(numbers.map(data => Buffer.from(data.buffer, 0, data.byteLength))),
  )
}

const [folder, ...names] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const name of names.length > 0 ? names : Object.keys(networks)) {
  await write(folder, name, networks[name])
  console.log(name)
}
process.exit(0)
