/** TensorFlow.js in Node, on its `cpu` (plain JavaScript) or `wasm` backend: the recipes' networks on random data. */
import { dirname } from 'node:path'
import type { PeerTask } from '../peers.ts'
import { converse, type Opened, peerName, requirePeer } from './conversation.ts'

// biome-ignore lint/suspicious/noExplicitAny: a library without types here
type Any = any

const backend = peerName.split('-')[1]!
let tf: Any

type Layers = readonly Any[]

function networks(): Readonly<Record<string, readonly [shape: number[], layers: () => Layers]>> {
  const { layers } = tf
  const dense = (units: number, activation: string) => layers.dense({ units, activation })
  const conv = (filters: number, activation: string, kernelSize = 3, padding = 'same') =>
    layers.conv2d({ filters, kernelSize, padding, activation })
  const max = () => layers.maxPooling2d({ poolSize: 2 })
  const average = () => layers.averagePooling2d({ poolSize: 2 })
  const flat = () => layers.flatten()
  const drop = (rate: number) => layers.dropout({ rate })
  const block = (filters: number) => [conv(filters, 'elu'), layers.batchNormalization()]
  const [grey, colour] = [
    [28, 28, 1],
    [32, 32, 3],
  ]
  const end = () => dense(10, 'softmax')
  return {
    'mnist-mlp': [grey!, () => [flat(), dense(512, 'relu'), dense(512, 'relu'), end()]],
    'cifar10-mlp': [colour!, () => [flat(), dense(1000, 'relu'), drop(0.2), dense(512, 'relu'), drop(0.2), end()]],
    'mnist-cnn': [grey!, () => [conv(32, 'relu'), max(), conv(64, 'relu'), max(), flat(), dense(64, 'relu'), end()]],
    'cifar10-cnn': [
      colour!,
      () => [
        ...[16, 32, 64].flatMap(filters => [conv(filters, 'relu', 2), max()]),
        ...[drop(0.3), flat(), dense(500, 'relu'), drop(0.4), end()],
      ],
    ],
    'fashion-lenet': [
      grey!,
      () => [
        ...[conv(6, 'tanh'), average(), conv(16, 'tanh', 5, 'valid'), average(), conv(120, 'tanh', 5, 'valid')],
        ...[flat(), dense(84, 'tanh'), end()],
      ],
    ],
    'cifar10-cnn-wide': [
      colour!,
      () => [
        ...[conv(8, 'relu', 3, 'valid'), max(), conv(512, 'relu', 3, 'valid'), max(), conv(256, 'relu', 3, 'valid')],
        ...[flat(), dense(100, 'relu'), end()],
      ],
    ],
    'cifar10-cnn-optimized': [
      colour!,
      () => [
        ...[32, 64, 128].flatMap((filters, stage) => [
          ...[...block(filters), ...block(filters), max(), drop(0.2 + stage / 10)],
        ]),
        ...[flat(), end()],
      ],
    ],
  }
}

async function load(): Promise<Record<string, string>> {
  tf = requirePeer('@tensorflow/tfjs')
  if (backend === 'wasm') {
    const wasm = requirePeer('@tensorflow/tfjs-backend-wasm')
    wasm.setWasmPaths(`${dirname(requirePeer.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
    wasm.setThreadsCount(2)
  }
  await tf.setBackend(backend)
  await tf.ready()
  return { '@tensorflow/tfjs': tf.version.tfjs }
}

async function open({ task, recipe, batch }: PeerTask): Promise<Opened> {
  if (task === 'train' && backend === 'wasm' && !recipe.includes('mlp')) throw 'it has no convolution gradient'
  const [shape, layers] = networks()[recipe] ?? []
  if (!shape || !layers) throw 'it has no such network here'
  const model = tf.sequential()
  for (const layer of [tf.layers.inputLayer({ inputShape: shape }), ...layers()]) model.add(layer)
  const x = tf.randomUniform([batch, ...shape])
  if (task === 'predict') {
    return {
      async step() {
        const y = model.predict(x)
        await y.data()
        y.dispose()
      },
      close: () => model.dispose(),
    }
  }
  const optimizer = recipe === 'fashion-lenet' ? tf.train.sgd(0.01) : tf.train.rmsprop(1e-3, 0.9)
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  const y = tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10)
  return {
    step: async () => void (await model.trainOnBatch(x, y)),
    close: () => model.dispose(),
  }
}

await converse(load, open)
