/**
 * Batch normalizations folded into the layer before: in inference they are a factor and an offset for each channel, which a kernel and a
 * bias take up. In: a model and its weights. Out: the weights changed, and the calls that have become nothing.
 */
import type { LayerType } from 'fovea/internal/layers/registry'
import type { LayerCall, Model } from 'fovea/internal/network/model'
import type { GivenWeight } from './call.ts'

/** By the names of layers, then by their own. */
export type WeightsByLayer = Readonly<Record<string, Readonly<Record<string, GivenWeight>>>>

export interface FoldedModel {
  readonly weights: WeightsByLayer
  readonly gone: ReadonlySet<LayerCall>
}

/** Where the kernel of a layer has its outputs: `channel` of the element at an index. */
interface Foldable {
  readonly kernel: string
  readonly channel: (index: number, shape: readonly number[]) => number
}

const lastAxis = (index: number, shape: readonly number[]): number => index % shape.at(-1)!

const foldable: Readonly<Partial<Record<LayerType, Foldable>>> = {
  Conv2D: { kernel: 'kernel', channel: lastAxis },
  Dense: { kernel: 'kernel', channel: lastAxis },
  SeparableConv2D: { kernel: 'pointwiseKernel', channel: lastAxis },
  DepthwiseConv2D: { kernel: 'kernel', channel: (index, shape) => index % (shape[2]! * shape[3]!) },
  Conv2DTranspose: { kernel: 'kernel', channel: (index, shape) => Math.floor(index / shape[3]!) % shape[2]! },
}

export function foldedModel(model: Model, weights: WeightsByLayer): FoldedModel {
  const changed: Record<string, Readonly<Record<string, GivenWeight>>> = { ...weights }
  const gone = new Set<LayerCall>()
  for (const call of model.layers) {
    const before = call.layer.type === 'BatchNormalization' ? makerOf(model, call) : undefined
    if (!before) continue
    const { kernel, channel } = foldable[before.layer.type as LayerType]!
    const { factor, offset } = affineOf(call, changed[call.layer.name]!)
    const own = changed[before.layer.name]!
    const { shape, data } = own[kernel]!
    changed[before.layer.name] = {
      ...own,
      [kernel]: { shape, data: data.map((value, index) => value * factor[channel(index, shape)]!) },
      bias: {
        shape: [factor.length],
        data: Float32Array.from(factor, (times, index) => (own['bias']?.data[index] ?? 0) * times + offset[index]!),
      },
    }
    gone.add(call)
  }
  return { weights: changed, gone }
}

/** The call whose result a batch normalization alone sees, if it can take the normalization up. */
function makerOf(model: Model, call: LayerCall): LayerCall | undefined {
  const value = call.inputs[0]!
  const before = model.layers[value - model.inputs.length]
  if (!before || !Object.hasOwn(foldable, before.layer.type)) return undefined
  const { activation, dataFormat } = before.layer.config
  const { axis } = call.layer.config as { axis: number }
  const rank = call.outputShape.length
  const channels = dataFormat === 'channelsFirst' ? 1 : rank
  const sees = model.layers.flatMap(({ inputs }) => inputs).filter(input => input === value).length
  const times = (wanted: LayerCall): number => model.layers.filter(({ layer }) => layer === wanted.layer).length
  const fits =
    activation === 'linear' &&
    (axis < 0 ? axis + rank + 1 : axis) === channels &&
    sees === 1 &&
    !model.outputs.some(output => output.value === value) &&
    times(before) === 1 &&
    times(call) === 1
  return fits ? before : undefined
}

/** x · factor + offset, for each channel. */
function affineOf(
  { layer }: LayerCall,
  { gamma, beta, movingMean, movingVariance }: Readonly<Record<string, GivenWeight>>,
) {
  const { epsilon } = layer.config as { epsilon: number }
  const factor = Array.from(
    movingVariance!.data,
    (variance, index) => (gamma?.data[index] ?? 1) / Math.sqrt(variance + epsilon),
  )
  const offset = factor.map((times, index) => (beta?.data[index] ?? 0) - movingMean!.data[index]! * times)
  return { factor, offset }
}
