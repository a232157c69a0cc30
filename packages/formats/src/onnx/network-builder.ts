/**
 * A network as it is put together from a graph: layers called on values, with their weights. In: types and options of layers, views of
 * values (view.ts). Out: Fovea's configuration and weights. Layers check their own options and give their shapes.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { JsonRecord } from 'fovea/internal/base/json'
import { formatShape, type Shape, sameShape } from 'fovea/internal/base/shape'
import type { Layer, LayerConfig } from 'fovea/internal/layers/layer'
import { layerFromConfig } from 'fovea/internal/layers/registry'
import { modelToConfig } from 'fovea/internal/network/config'
import { assemble, mostLayers } from 'fovea/internal/network/model'
import { freeName, nameLayers } from 'fovea/internal/network/naming'
import type { NamedWeight } from 'fovea/internal/store/model-file'
import { arranged, flatAxes, moveTo, plainAxes, refined, type StoredAxes, type View } from './view.ts'

export type Numbers = Float32Array | Float64Array

/** Weights of a layer by the names that its kind has for them. */
type LayerWeights = Readonly<Record<string, Numbers>>

interface Call {
  layer: Layer
  weights: LayerWeights
  readonly inputs: readonly number[]
}

export interface NetworkInput {
  readonly name: string
  readonly shape: Shape
}

export class NetworkBuilder {
  readonly #inputs: NetworkInput[] = []
  readonly #calls: Call[] = []
  readonly #shapes: Shape[] = []
  /** What was stored anew, by the value and its order. */
  readonly #moved = new Map<string, View>()
  readonly #names = new Set<string>()
  readonly #counts = new Map<string, number>()
  /** All inputs come before the first layer. */
  input(name: string, shape: Shape): number {
    this.#inputs.push({ name: freeName(cleanName(name) || 'input', this.#names, this.#counts), shape })
    return this.#shapes.push(shape) - 1
  }

  /** How many layers there are. */
  get size(): number {
    return this.#calls.length
  }

  /** Of the layers since there were `size`, the one with weights is called so, or else the last; others are called by their kind. */
  nameSince(size: number, wanted: string): void {
    const name = cleanName(wanted)
    const made = this.#calls.slice(size)
    const call = made.find(({ weights }) => Object.keys(weights).length > 0) ?? made.at(-1)
    if (name === '' || !call) return
    const { type, config, trainable } = call.layer
    call.layer = layerFromConfig({ type, config, trainable, name: freeName(name, this.#names, this.#counts) })
  }

  /** A layer called on values. Throws UserError where it cannot be. */
  layer(
    type: string,
    config: LayerConfig,
    inputs: readonly number[],
    weights: LayerWeights = {},
    trainable = true,
  ): number {
    if (this.#calls.length >= mostLayers)
      throw new UserError({ what: `The network has more than ${mostLayers} layers.` })
    const layer = layerFromConfig({ type, config, trainable })
    const shapes = inputs.map(value => this.#shapes[value]!)
    const output = layer.outputShape(shapes)
    const specs = layer.weights(shapes)
    for (const { name, shape } of specs) {
      const size = shape.reduce((product, extent) => product * extent, 1)
      if (weights[name]?.length === size) continue
      throw new UserError({
        what: `${type} needs ${name} of shape ${formatShape(shape)}.`,
        expected: `${size} numbers`,
        received: `${weights[name]?.length ?? 0}`,
      })
    }
    this.#calls.push({ layer, weights, inputs })
    return this.#shapes.push(output) - 1
  }

  shapeOf(value: number): Shape {
    return this.#shapes[value]!
  }

  /** The layer that gives a value and its weights; undefined for inputs. */
  callOf(value: number): { readonly layer: Layer; readonly weights: LayerWeights } | undefined {
    return this.#calls[value - this.#inputs.length]
  }

  /** Another configuration of the layer that gives a value, whose shape stays. */
  change(value: number, config: LayerConfig, weights: LayerWeights): void {
    const call = this.#calls[value - this.#inputs.length]!
    const { type, name } = call.layer
    call.layer = layerFromConfig({ type, ...(name !== '' && { name }), config: { ...call.layer.config, ...config } })
    call.weights = { ...call.weights, ...weights }
  }

  /** The same numbers in this order and these axes. Layers are added only where they are not so already. */
  settle(view: View, arrangement: StoredAxes): View {
    const key = JSON.stringify([view.value, view.shape, view.factors, view.order, arrangement])
    const earlier = this.#moved.get(key)
    if (earlier) return earlier
    const made = this.#settled(view, arrangement)
    this.#moved.set(key, made)
    return made
  }

  #settled(view: View, arrangement: StoredAxes): View {
    const fine = refined(view)
    // Its axes do not fall together with what is stored: in ONNX's own order any shape can be read.
    if (!fine) {
      const ordered = this.settle({ ...view, shape: view.factors }, flatAxes(view.factors))
      return this.settle(
        arranged(this.#reshape(ordered.value, view.shape), view.shape, plainAxes(view.shape)),
        arrangement,
      )
    }
    const { from, perm, to } = moveTo(fine.view, fine.parts, arrangement)
    let { value } = view
    if (from && perm) {
      value = this.#reshape(value, from)
      value = this.layer('Permute', { dims: perm.map(axis => axis + 1) }, [value])
    }
    return arranged(this.#reshape(value, to), view.shape, arrangement)
  }

  /** In its own order, as one axis. */
  flattened(view: View): number {
    return this.#reshape(view.value, [view.stored.reduce((product, extent) => product * extent, 1)])
  }

  #reshape(value: number, shape: Shape): number {
    if (sameShape(this.#shapes[value]!, shape)) return value
    if (shape.length === 1) return this.layer('Flatten', {}, [value])
    return this.layer('Reshape', { targetShape: shape }, [value])
  }

  /** The network whose outputs are these values. */
  finished(name: string, outputs: readonly number[]): { model: JsonRecord; weights: readonly NamedWeight[] } {
    const { calls, numbers } = this.#needed(outputs)
    const named = nameLayers(
      calls.map(call => call.layer),
      this.#inputs.map(input => input.name),
    )
    const first = this.#inputs.length
    const isChain =
      first === 1 &&
      outputs.length === 1 &&
      calls.every(({ inputs }, at) => inputs.length === 1 && numbers.get(inputs[0]!) === at)
    const model = assemble({
      name: name === '' ? 'onnx' : name,
      kind: isChain ? 'sequential' : 'functional',
      inputs: this.#inputs,
      calls: calls.map(({ layer, inputs }) => ({
        layer: named.get(layer)!,
        inputs: inputs.map(value => numbers.get(value)!),
      })),
      outputs: outputs.map(value => numbers.get(value)!),
    })
    const weights = new Map<string, Numbers>(
      calls.flatMap(({ layer, weights }) =>
        Object.entries(weights).map(([weight, data]) => [`${named.get(layer)!.name}/${weight}`, data] as const),
      ),
    )
    return {
      model: modelToConfig(model) as unknown as JsonRecord,
      weights: model.weights.map(({ name, shape }) => ({ name, shape, data: asFloats(weights.get(name)!) })),
    }
  }

  /** Calls that outputs are computed from, and the new numbers of values. */
  #needed(outputs: readonly number[]): { calls: readonly Call[]; numbers: ReadonlyMap<number, number> } {
    const first = this.#inputs.length
    const used = new Set(outputs)
    for (let at = this.#calls.length - 1; at >= 0; at--) {
      if (used.has(first + at)) for (const value of this.#calls[at]!.inputs) used.add(value)
    }
    const numbers = new Map(this.#inputs.map((_, at) => [at, at]))
    const calls = this.#calls.filter((_, at) => used.has(first + at))
    for (let at = 0; at < this.#calls.length; at++) if (used.has(first + at)) numbers.set(first + at, numbers.size)
    return { calls, numbers }
  }
}

/** Layers, weights and the states of optimizers are told apart by these signs. */
const cleanName = (name: string): string =>
  name
    .replace(/[/@:\s]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(-100)

const asFloats = (numbers: Numbers): Float32Array =>
  numbers instanceof Float32Array ? numbers : Float32Array.from(numbers)
