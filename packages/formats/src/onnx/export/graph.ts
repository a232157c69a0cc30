/**
 * What the graph of a network is written with: its methods append nodes and initializers, and give the names of tensors. Names are unique
 * among all of a graph; a tensor that two layers' calls need (a shared layer) is written once.
 */
import { type Shape, sizeOf } from 'fovea/internal/base/shape'
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '../onnx-model.ts'
import { type AxisOrder, isFlattened, isPlain, plainOrder, reordered, sameOrder, type WrittenValue } from './value.ts'

export type Attributes = Readonly<Record<string, OnnxAttribute>>

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value })
export const ints = (...value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value })
export const real = (value: number): OnnxAttribute => ({ kind: 'float', value })
export const word = (value: string): OnnxAttribute => ({ kind: 'string', value })

/** Writes under the name of a layer. */
export interface LayerGraph {
  /** A node of one result, whose name comes back. '' among the inputs leaves one out. */
  node(op: string, inputs: readonly string[], attributes?: Attributes): string
  /**
   * An initializer called `dense/kernel`, in another order of its axes where one is given; axes of one element may be missing there. `dims`:
   * axes that lie together counted as one.
   */
  weight(name: string, extents: Shape, data: Float32Array, order?: AxisOrder, dims?: Shape): string
  /** Whole numbers in a row: shapes, axes, places. */
  integers(...values: readonly number[]): string
  /** A single number. */
  number(value: number): string
  /** The tensor of a value in this order of its axes. */
  tensor(value: WrittenValue, order: AxisOrder): string
  /** In the network's own order. */
  plain(value: WrittenValue): string
}

export interface GraphWriter {
  of(layer: string): LayerGraph
  /** A name that nothing else has. */
  unique(name: string): string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: OnnxGraph['initializers']
}

export function createGraphWriter(): GraphWriter {
  const names = new Set<string>()
  const nodes: OnnxNode[] = []
  const initializers = new Map<string, OnnxTensor>()

  function unique(name: string): string {
    let own = name
    for (let count = 1; names.has(own); count++) own = `${name}_${count}`
    names.add(own)
    return own
  }

  /** `key`: what is written once. */
  function initializer(key: string, name: string, make: () => Omit<OnnxTensor, 'name'>): string {
    const known = initializers.get(key)
    if (known) return known.name
    const tensor = { name: unique(name), ...make() }
    initializers.set(key, tensor)
    return tensor.name
  }

  function of(layer: string): LayerGraph {
    const node: LayerGraph['node'] = (op, inputs, attributes = {}) => {
      const name = unique(`${layer}/${op}`)
      nodes.push({ op, domain: '', name, inputs, outputs: [name], attributes })
      return name
    }
    const integers = (...values: readonly number[]): string =>
      initializer(`integers ${values}`, `integers_${values.slice(0, 6).join('_')}`, () => ({
        type: 'int64',
        dims: [values.length],
        data: Float64Array.from(values),
      }))
    /** The axes of a value's tensors; those of a flattened one lie in one. */
    const moved = (value: WrittenValue, name: string, from: AxisOrder, to: AxisOrder): string => {
      const perm = to.map(axis => from.indexOf(axis))
      const transpose = (x: string) => node('Transpose', [x], { perm: ints(0, ...perm.map(place => place + 1)) })
      if (!isFlattened(value)) return transpose(name)
      const picture = node('Reshape', [name, integers(0, ...from.map(axis => value.axes[axis]!))])
      return node('Reshape', [transpose(picture), integers(0, sizeOf(value.axes))])
    }
    const tensor = (value: WrittenValue, order: AxisOrder): string => {
      const known = value.forms.find(form => sameOrder(form.order, order))
      if (known) return known.name
      const from = value.forms[0]!
      const name = moved(value, from.name, from.order, order)
      value.forms.push({ name, order })
      return name
    }
    return {
      node,
      integers,
      tensor,
      weight: (name, extents, data, order = plainOrder(extents.length), dims = order.map(axis => extents[axis]!)) => {
        const own = `${layer}/${name}`
        return initializer(`${own} ${extents} ${order} ${dims}`, own, () => ({
          type: 'float32',
          dims,
          data: reordered(data, extents, order),
        }))
      },
      number: value =>
        initializer(`number ${Math.fround(value)}`, `number_${value}`, () => ({
          type: 'float32',
          dims: [],
          data: Float32Array.of(value),
        })),
      plain: value =>
        value.forms.find(({ order }) => isPlain(order))?.name ?? tensor(value, plainOrder(value.axes.length)),
    }
  }

  return {
    of,
    unique,
    nodes,
    get initializers() {
      return [...initializers.values()]
    },
  }
}
