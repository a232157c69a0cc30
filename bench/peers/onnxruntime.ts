/** Prediction by ONNX Runtime's native CPU provider: our own networks and weights. */
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { workloadOf } from '../training.ts'
import { converse, requirePeer, versionOf } from './conversation.ts'
import { moved, onnxModel } from './onnx-model.ts'

interface Runtime {
  readonly env: { readonly versions: Readonly<Record<string, string>> }
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> }
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => object
}
interface Session {
  readonly outputNames: readonly string[]
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>
  release(): Promise<void>
}

let runtime: Runtime

await converse(
  async () => {
    runtime = requirePeer('onnxruntime-node') as Runtime
    return { 'onnxruntime-node': versionOf('onnxruntime-node') }
  },
  async ({ task, recipe, batch, threads }) => {
    if (task !== 'predict') throw 'it only predicts'
    const { model, pictures: given, recipe: config } = workloadOf(recipe)
    const session = await runtime.InferenceSession.create(onnxModel(model, initialWeights(model, config.seed)), {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
    })
    const [height, width, channels] = given.shape
    const pictures = Float32Array.from(given.images.subarray(0, batch * height * width * channels))
    const data = moved(pictures, [batch, height, width, channels], [0, 3, 1, 2])
    const feeds = { x: new runtime.Tensor('float32', data, [batch, channels, height, width]) }
    const run = async () => (await session.run(feeds))[session.outputNames[0]!]!.data
    const predictions = await run()
    return {
      prediction: Array.from(predictions.subarray(0, predictions.length / batch)),
      step: async () => void (await run()),
      close: () => session.release(),
    }
  },
)
