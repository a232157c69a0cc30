/**
 * First values of weights that are computed from training data (patchWhitening). In: a model, and samples. Out: the weights by name.
 * Pictures go through the layers before in double precision, as in inference, by the oracle: so bits do not depend on a device.
 */
import { InternalError, UserError } from '../base/errors.ts'
import { type NumericArray, type Shape, sizeOf } from '../base/shape.ts'
import { createGraph } from '../graph/builder.ts'
import { type StepGraph, stepGraph } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { isOfData } from '../layers/initializer-config.ts'
import { checkWhitened, patchSums, whiteningKernel } from '../layers/patch-whitening.ts'
import type { LayerCall, Model, ModelWeight } from './model.ts'
import { modelNodes } from './model-nodes.ts'

export interface TrainingSamples {
  readonly count: number
  /** Of the model's inputs, in its order. */
  readonly types: readonly ('u8' | 'f32')[]
  /** Fills the inputs, by name, with `n` samples from `begin` on. */
  readonly read: (begin: number, n: number, inputs: Readonly<Record<string, NumericArray>>) => unknown
}

/** As many samples as in the source of the method, and of large pictures as many as have so many values. */
const mostSamples = 5000
const mostValues = 2 ** 24
/** Values of a piece, so that all of the oracle's fit into the cache. */
const pieceValues = 2 ** 16

/** Of these weights. Throws UserError where layers with weights stand before the one that is to be computed. */
export async function computedWeights(
  model: Model,
  samples: TrainingSamples,
  weights: readonly ModelWeight[],
): Promise<Record<string, Float32Array>> {
  const values: Record<string, Float32Array> = {}
  for (const { name, layer, shape, initializer } of weights) {
    if (!isOfData(initializer)) throw new InternalError('network', `${name} needs no data`)
    const call = model.layers.find(each => each.layer.name === layer)!
    values[name] = whiteningKernel(await covarianceOf(model, samples, call, shape), shape, initializer.epsilon)
  }
  return values
}

async function covarianceOf(
  model: Model,
  samples: TrainingSamples,
  call: LayerCall,
  kernel: Shape,
): Promise<Float64Array> {
  const picture = call.inputShapes[0]!
  checkWhitened(call.layer, picture, kernel)
  const values = Math.max(sizeOf(picture), ...model.inputs.map(({ shape }) => sizeOf(shape)))
  const count = Math.max(1, Math.min(samples.count, mostSamples, Math.floor(mostValues / values)))
  const piece = Math.min(count, Math.max(1, Math.floor(pieceValues / values)))
  const step = stepTo(model, samples.types, call, piece)
  const sums = patchSums(picture, kernel, count)
  for (let begin = 0; begin < count; begin += piece) {
    const n = Math.min(piece, count - begin)
    const inputs = Object.fromEntries(
      step.inputs.map(({ attributes, dtype, shape }) => {
        const size = sizeOf(shape)
        return [attributes.name, dtype === 'u8' ? new Uint8Array(size) : new Float32Array(size)]
      }),
    )
    await samples.read(begin, n, inputs)
    sums.add(evaluateGraph(step, { inputs, states: {}, n }).outputs['input']!)
  }
  return sums.covariance()
}

/** What comes into the layer. */
function stepTo(
  model: Model,
  types: TrainingSamples['types'],
  { layer, inputs: [value] }: LayerCall,
  batch: number,
): StepGraph {
  const graph = createGraph(batch)
  const inputs = model.inputs.map(({ name, shape }, at) =>
    graph.input(name, [batch, ...shape], { dtype: types[at] ?? 'f32', batched: true }),
  )
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  const { values } = modelNodes(model, graph, { inputs, training: false, randomKey })
  const all = [...inputs.map(input => graph.cast(input)), ...values]
  const step = stepGraph(batch, [], [{ name: 'input', node: all[value!]! }])
  if (step.states.length === 0) return step
  throw new UserError({
    what: `Layer '${layer.name}' (${layer.type}) takes its first weights from pictures, and layers with weights stand before it.`,
    expected: 'no layers with weights before it, as for a first layer',
    received: step.states.map(({ attributes }) => attributes.name).join(', '),
    fix: "give it another kernelInitializer, for example 'heNormal'",
  })
}
