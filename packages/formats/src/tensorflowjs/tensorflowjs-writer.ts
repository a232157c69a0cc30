/**
 * A layers model of TensorFlow.js: model.json with the topology in Keras 2's words and the manifest of the weights, and beside it files of
 * weights of at most 4 MiB each. What TensorFlow.js has no word for (names of classes, preprocessing) is the user's metadata, which a page
 * reads by `getUserDefinedMetadata`, and Fovea by itself.
 */
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import type { Shape } from 'fovea/internal/base/shape'
import { crc32c } from 'fovea/internal/store/crc32c'
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { WrittenModel } from 'fovea/internal/store/model-formats'
import { ownWords } from '../keras/own-words.ts'
import { type NetworkLayer, type SaidNetwork, saidNetwork } from '../keras/writing/said-network.ts'
import { snake } from '../keras/writing/words.ts'
import { tensorflowjsDialect } from './tensorflowjs-dialect.ts'

/** Its own loader fetches files of this size side by side, and browsers keep them. */
const shardBytes = 4 * 2 ** 20

/** Throws UserError for layers that TensorFlow.js does not have. */
export async function tensorflowjsModel(file: ModelFile, path: string): Promise<WrittenModel> {
  const network = await saidNetwork(file, tensorflowjsDialect, path)
  const weights = network.layers.flatMap(layer =>
    layer.weights.map(({ own, shape, data }) => ({ name: `${layer.name}/${weightName(layer, own)}`, shape, data })),
  )
  const shards = inShards(weights.map(({ data }) => data))
  const names = shards.map((shard, at) => `group1-shard${at + 1}of${shards.length}-${wordOf(shard)}.bin`)
  const json = {
    format: 'layers-model',
    generatedBy: 'Fovea',
    convertedBy: null,
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: network.kind === 'sequential' ? sequential(network) : functional(network),
    },
    weightsManifest: [{ paths: names, weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }],
    userDefinedMetadata: ownWords(file),
  }
  return {
    bytes: new TextEncoder().encode(JSON.stringify(json)),
    beside: Object.fromEntries(shards.map((shard, at) => [names[at]!, shard])),
    ownBeside,
    notes: network.notes,
  }
}

/** Named by what they hold: neither a disk nor the cache of a browser can give a model the weights of another one. */
const wordOf = (shard: Uint8Array): string => crc32c(shard).toString(16).padStart(8, '0')
const ownName = /^group1-shard\d+of\d+-[0-9a-f]{8}\.bin$/

function ownBeside(former: Uint8Array): readonly string[] {
  const { weightsManifest } = JSON.parse(new TextDecoder().decode(former)) as Record<string, { paths: string[] }[]>
  return weightsManifest!.flatMap(({ paths }) => paths.filter(path => ownName.test(path)))
}

/** As the layer calls it there. */
const weightName = ({ className }: NetworkLayer, own: string): string =>
  className === 'DepthwiseConv2D' && own === 'kernel' ? 'depthwise_kernel' : snake(own)

/** Float32, little-endian, one after the other; cut wherever a shard is full. */
function inShards(values: readonly Float32Array[]): Uint8Array<ArrayBuffer>[] {
  const bytes = new Uint8Array(values.reduce((sum, { byteLength }) => sum + byteLength, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const list of values) {
    for (const value of list) {
      view.setFloat32(at, value, true)
      at += 4
    }
  }
  const count = Math.max(1, Math.ceil(bytes.length / shardBytes))
  return Array.from({ length: count }, (_, shard) => bytes.slice(shard * shardBytes, (shard + 1) * shardBytes))
}

const batched = (shape: Shape): Json => [null, ...shape]
const layerOf = ({ className, config, name, trainable }: NetworkLayer, more: JsonRecord = {}) => ({
  class_name: className,
  config: { name, trainable, dtype: 'float32', ...more, ...config },
})

/** The first layer says what comes in. */
function sequential({ name, inputs, layers }: SaidNetwork): JsonRecord {
  const first = { batch_input_shape: batched(inputs[0]!.shape) }
  const said = layers.map((layer, at) => layerOf(layer, at === 0 ? first : {}))
  return { class_name: 'Sequential', config: { name, layers: said } }
}

function functional({ name, inputs, layers, calls, outputs }: SaidNetwork): JsonRecord {
  const counts = new Map<number, number>()
  const origins: readonly (readonly [string, number, number])[] = [
    ...inputs.map(input => [input.name, 0, 0] as const),
    ...calls.map(({ layer }) => {
      const count = counts.get(layer) ?? 0
      counts.set(layer, count + 1)
      return [layers[layer]!.name, count, 0] as const
    }),
  ]
  const inputLayer = ({ name, shape }: SaidNetwork['inputs'][number]) => ({
    class_name: 'InputLayer',
    config: { batch_input_shape: batched(shape), dtype: 'float32', sparse: false, name },
    name,
    inbound_nodes: [],
  })
  const nodesOf = (number: number): Json =>
    calls.filter(call => call.layer === number).map(call => call.inputs.map(value => [...origins[value]!, {}]))
  return {
    class_name: 'Model',
    config: {
      name,
      layers: [
        ...inputs.map(inputLayer),
        ...layers.map((layer, at) => ({ ...layerOf(layer), name: layer.name, inbound_nodes: nodesOf(at) })),
      ],
      input_layers: inputs.map(input => [input.name, 0, 0]),
      output_layers: outputs.map(value => origins[value]!),
    },
  }
}
