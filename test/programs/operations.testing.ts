/**
 * Random operations on what is there: each takes operands a sketch offers, in shapes that fit, and gives a node, or nothing where nothing
 * fits. Views, parts and joins of the same tensors come often: they are what fusion, order and memory can get wrong.
 */
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../../packages/fovea/src/base/shape.ts'
import type { Graph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node, NodeOf } from '../../packages/fovea/src/graph/node.ts'
import type { BinaryFn, Convolution, UnaryFn, Window } from '../../packages/fovea/src/graph/ops.ts'
import { convolvedExtents } from '../../packages/fovea/src/graph/shape-rules.ts'
import type { Draw } from '../op-cases/draw.ts'

/** An entry that grows. */
export interface Sketch {
  readonly graph: Graph
  readonly draw: Draw
  /** A node that meets the condition, mostly one of the last ones. */
  pick(condition?: (node: Node) => boolean): Node | undefined
  /** Whether the node's numbers are exact; then it can be picked from now on. */
  add(node: Node): boolean
  leaf(shape: Shape, batched: boolean): Node
  state(shape: Shape): NodeOf<'state'>
  randomKey(): Node
}

type Operation = (sketch: Sketch) => Node | undefined

const unaryFns: readonly UnaryFn[] = ['neg', 'abs', 'sign', 'square', 'floor', 'relu']
const binaryFns: readonly BinaryFn[] = ['add', 'sub', 'mul', 'max', 'min', 'equal', 'less', 'lessEqual']
const none = { top: 0, bottom: 0, left: 0, right: 0 }

/** Axes that may be cut, moved and joined: all but the batch. */
const freeAxes = ({ shape, batched }: Node): number[] => [...shape.keys()].slice(batched ? 1 : 0)
const hasAxes = (node: Node): boolean => freeAxes(node).length > 0
const alike = (a: Node, b: Node): boolean => sameShape(a.shape, b.shape) && a.batched === b.batched
const withExtent = (shape: Shape, axis: number, extent: number): number[] =>
  shape.map((own, index) => (index === axis ? extent : own))

function unary({ graph, draw }: Sketch, x: Node): Node {
  return graph.unary(draw.one(unaryFns), x)
}

/** Broadcasting with the batch: batched operands have equal ranks, the others no rows of their own. */
function fitsBeside(a: Node, b: Node): boolean {
  if (!broadcastShapes(a.shape, b.shape)) return false
  if (a.batched && b.batched) return a.shape.length === b.shape.length
  const [rows, fixed] = a.batched ? [a, b] : [b, a]
  const lead = rows.shape.length - fixed.shape.length
  return !rows.batched || lead > 0 || (lead === 0 && fixed.shape[0] === 1)
}

/** Another operand for x: a constant, a part or a sum of x itself, counts, a vector of channels, or any that fits. */
function partner(sketch: Sketch, x: Node): Node {
  const { graph, draw } = sketch
  const axes = freeAxes(x)
  const axis = axes.length > 0 ? draw.one(axes) : -1
  const kind = axis < 0 ? 0 : draw.whole(0, 6)
  if (kind === 0) return graph.constant(draw.one([2, -1, 3, 0.5, 0, 1]))
  if (kind === 1) {
    const begin = withExtent(
      x.shape.map(() => 0),
      axis,
      draw.whole(0, x.shape[axis]! - 1),
    )
    return graph.slice(x, begin, withExtent(x.shape, axis, 1))
  }
  if (kind === 2) return graph.reshape(graph.sum(x, [axis]), withExtent(x.shape, axis, 1))
  if (kind === 3) return graph.iota(x.batched ? [1, ...x.shape.slice(1)] : x.shape, axis)
  if (kind === 4) return sketch.leaf([x.shape.at(-1)!], false)
  return sketch.pick(other => fitsBeside(x, other)) ?? x
}

function binary(sketch: Sketch, x: Node): Node | undefined {
  const y = partner(sketch, x)
  if (!fitsBeside(x, y)) return undefined
  const fn = sketch.draw.one(binaryFns)
  return sketch.draw.chance(0.7) ? sketch.graph.binary(fn, x, y) : sketch.graph.binary(fn, y, x)
}

function select(sketch: Sketch, x: Node): Node | undefined {
  const [y, z] = [partner(sketch, x), partner(sketch, x)]
  if (!fitsBeside(x, y) || !fitsBeside(x, z) || !fitsBeside(y, z)) return undefined
  return sketch.graph.select(sketch.graph.binary(sketch.draw.one(['less', 'equal'] as const), x, y), x, z)
}

/** Uniform numbers (to be looked at in parts), whole ones, and what is dropped at random. */
function random(sketch: Sketch, x: Node): Node {
  const { graph, draw } = sketch
  const drawn = graph.randomUniform(sketch.randomKey(), x.shape, x.batched)
  if (draw.chance(0.3)) sketch.add(drawn)
  return draw.chance(0.5)
    ? graph.unary('floor', graph.mul(drawn, 4))
    : graph.select(graph.binary('less', drawn, 0.5), x, 0)
}

function reduce({ graph, draw }: Sketch, x: Node): Node {
  const all = [...x.shape.keys()]
  const axes = draw.one([all.slice(0, -1), all.slice(-1), all.slice(0, 1), all.filter(() => draw.chance(0.5))])
  return draw.chance(0.7) ? graph.sum(x, axes) : graph.reduceMax(x, axes)
}

/** The same elements along other axes. */
function regroup({ graph, draw }: Sketch, x: Node): Node {
  const lead = x.batched ? x.shape.slice(0, 1) : []
  const size = sizeOf(x.shape.slice(lead.length))
  const factor = draw.one(Array.from({ length: size }, (_, index) => index + 1).filter(value => size % value === 0))
  return graph.reshape(x, [...lead, ...draw.one([[size], [factor, size / factor], [1, factor, size / factor]])])
}

function transpose({ graph, draw }: Sketch, x: Node): Node {
  const axes = freeAxes(x)
  const turn = draw.whole(0, axes.length - 1)
  const turned = [...axes.slice(turn), ...axes.slice(0, turn)]
  return graph.transpose(x, [...(x.batched ? [0] : []), ...(draw.chance(0.5) ? turned : turned.toReversed())])
}

function slice({ graph, draw }: Sketch, x: Node, axis = draw.one(freeAxes(x))): Node {
  const extent = draw.whole(1, x.shape[axis]!)
  const begin = draw.whole(0, x.shape[axis]! - extent)
  const zeros = x.shape.map(() => 0)
  return graph.slice(x, withExtent(zeros, axis, begin), withExtent(x.shape, axis, extent))
}

function pad({ graph, draw }: Sketch, x: Node): Node {
  const side = (axis: number): number => (x.batched && axis === 0 ? 0 : draw.whole(0, 2))
  const sides = (): number[] => [...x.shape.keys()].map(side)
  return graph.pad(x, sides(), sides(), draw.one([0, 1, -1]))
}

/** x, what is made of x, parts of it and others, in any order. */
function concat(sketch: Sketch, x: Node): Node {
  const { graph, draw } = sketch
  const axis = draw.one(freeAxes(x))
  const fits = (other: Node): boolean =>
    other.batched === x.batched && sameShape(withExtent(other.shape, axis, 0), withExtent(x.shape, axis, 0))
  const pieces = Array.from({ length: draw.whole(1, 4) }, () =>
    draw.one([() => x, () => slice(sketch, x, axis), () => unary(sketch, x), () => sketch.pick(fits) ?? x])(),
  )
  return graph.concat(draw.chance(0.5) ? [x, ...pieces] : [...pieces, x], axis)
}

/** Work on neighbouring parts of one tensor. */
function parts(sketch: Sketch, x: Node): Node | undefined {
  const { graph, draw } = sketch
  const axis = draw.one(freeAxes(x))
  const extent = Math.ceil(x.shape[axis]! / draw.whole(2, 3))
  const results: Node[] = []
  for (let begin = 0; begin + extent <= x.shape[axis]!; begin += extent) {
    const zeros = x.shape.map(() => 0)
    const part = graph.slice(x, withExtent(zeros, axis, begin), withExtent(x.shape, axis, extent))
    const result = draw.chance(0.5) ? unary(sketch, part) : graph.add(part, draw.one([part, ...results]))
    if (sketch.add(result)) results.push(result)
  }
  return results.length > 1 && draw.chance(0.5) ? graph.concat(results, axis) : results[0]
}

function broadcast({ graph, draw }: Sketch, x: Node): Node {
  const shape = x.shape.map((extent, axis) => (extent === 1 && !(x.batched && axis === 0) ? draw.whole(1, 5) : extent))
  if (x.batched || draw.chance(0.5)) return graph.broadcast(x, shape, x.batched)
  return draw.chance(0.5)
    ? graph.broadcast(x, [graph.batch, ...shape], true)
    : graph.broadcast(x, [draw.whole(2, 4), ...shape], false)
}

function matmul(sketch: Sketch, some: Node): Node {
  const { graph, draw } = sketch
  const x = graph.reshape(some, [some.shape[0]!, sizeOf(some.shape.slice(1))])
  const columns = draw.one([1, 2, 3, 5, 8, 16, 17])
  if (x.batched && draw.chance(0.3)) {
    const dy = sketch.pick(node => node.batched && node.shape.length === 2) ?? sketch.leaf([columns], true)
    return graph.matmul(x, dy, { transposeA: true })
  }
  const transposeA = !x.batched && draw.chance(0.4)
  const inner = x.shape[transposeA ? 0 : 1]!
  const known = sketch.pick(node => !node.batched && node.shape.length === 2 && node.shape.includes(inner))
  const weight = known ?? sketch.leaf(draw.chance(0.5) ? [inner, columns] : [columns, inner], false)
  return graph.matmul(x, weight, { transposeA, transposeB: weight.shape[0] !== inner })
}

/** Pictures of the batch: some that are there, anything regrouped, or new ones. */
function pictures(sketch: Sketch): Node {
  const { graph, draw } = sketch
  const found = sketch.pick(node => node.batched && node.shape.length === 4)
  if (found && draw.chance(0.7)) return found
  const other = sketch.pick(node => node.batched && sizeOf(node.shape) % (8 * graph.batch) === 0)
  if (other && draw.chance(0.5)) return graph.reshape(other, [graph.batch, 2, 4, sizeOf(other.shape) / graph.batch / 8])
  return sketch.leaf([draw.whole(2, 9), draw.whole(2, 9), draw.one([1, 2, 3, 5, 8, 12])], true)
}

/** Forward, and perhaps with one of the gradients or finished by a bias and relu. */
function convolution(sketch: Sketch): Node | undefined {
  const { graph, draw } = sketch
  const x = pictures(sketch)
  const [, height, width, channels] = x.shape as [number, number, number, number]
  const isPlain = draw.chance(0.5)
  const kernel: [number, number] = isPlain ? [3, 3] : [draw.whole(1, 4), draw.whole(1, 4)]
  const strides: [number, number] = isPlain ? [1, 1] : [draw.whole(1, 3), draw.whole(1, 3)]
  const side = (axis: 0 | 1): number => draw.whole(0, kernel[axis] - 1)
  const padding = draw.chance(0.3) ? none : { top: side(0), bottom: side(0), left: side(1), right: side(1) }
  const groups = isPlain ? 1 : draw.one([1, channels])
  const attributes: Convolution = { strides, padding, dilation: [1, 1], groups }
  const extents = convolvedExtents(height, width, ...kernel, attributes)
  if (Math.min(...extents) < 1) return undefined
  const filters = groups * draw.one([1, 2, 5, 8, 9])
  const filterShape = [...kernel, channels / groups, filters]
  if (sizeOf(filterShape) * extents[0] * extents[1] * graph.batch > 60_000) return undefined
  const filter = sketch.leaf(filterShape, false)
  const y = graph.conv2d(x, filter, attributes)
  if (!sketch.add(y)) return undefined
  const dy = sketch.pick(node => alike(node, y)) ?? y
  return draw.one([
    () => y,
    () => graph.conv2dInputGrad(dy, filter, { ...attributes, inputShape: x.shape }),
    () => graph.conv2dFilterGrad(x, dy, { ...attributes, filterShape }),
    () => graph.unary('relu', graph.add(y, sketch.state([filters]))),
  ])()
}

function pooling(sketch: Sketch): Node | undefined {
  const { graph, draw } = sketch
  const x = pictures(sketch)
  const [, height, width] = x.shape as [number, number, number, number]
  const size: [number, number] = [draw.whole(1, 3), draw.whole(1, 3)]
  const strides: [number, number] = draw.chance(0.6) ? size : [draw.whole(1, 3), draw.whole(1, 3)]
  const padding = draw.chance(0.6) ? none : { ...none, bottom: size[0] - 1, left: size[1] - 1 }
  const window: Window = { size, strides, padding }
  if (height < size[0] || width < size[1]) return undefined
  const y = graph.maxPool2d(x, window)
  if (draw.chance(0.5) || !sketch.add(y)) return y
  return graph.maxPool2dGrad(x, y, sketch.pick(node => alike(node, y)) ?? y, window)
}

const on =
  (build: (sketch: Sketch, x: Node) => Node | undefined, condition: (node: Node) => boolean = () => true): Operation =>
  sketch => {
    const x = sketch.pick(condition)
    return x && build(sketch, x)
  }

/** As often as they stand here. */
export const operations: readonly Operation[] = [
  ...[on(unary), on(unary), on(binary), on(binary), on(binary), on(select), on(random)],
  ...[on(reduce, ({ shape }) => shape.length > 0), on(reduce, ({ shape }) => shape.length > 0)],
  ...[on(regroup), on(transpose, hasAxes), on(slice, hasAxes), on(slice, hasAxes), on(pad, hasAxes)],
  ...[on(concat, hasAxes), on(concat, hasAxes), on(parts, hasAxes), on(parts, hasAxes), on(broadcast)],
  ...[on(matmul, ({ shape }) => shape.length > 1), convolution, convolution, pooling],
  on(({ graph }, x) => graph.argmax(x), hasAxes),
  on(({ graph }, x) => graph.mul(x, graph.batchSize())),
]
