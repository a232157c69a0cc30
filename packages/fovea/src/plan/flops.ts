/**
 * Floating-point operations, as costs count them: a multiply-add is two, every element-wise operation is one, whatever it is. Convolutions
 * count what the plain loop would do, whichever algorithm runs, so that rates compare.
 */
import { sizeOf } from '../base/shape.ts'
import { nodesOf, type StepGraph } from '../graph/node.ts'
import { expressionNodes } from './axes.ts'
import { isComputed, isDrawn } from './operations.ts'
import type { ConvGeometry, Epilogue, Expression } from './types.ts'

/** Operations per element. */
export function operations(expression: Expression | Epilogue): number {
  const inside = 'anchor' in expression ? expression.anchor : undefined
  const nodes = inside
    ? expressionNodes({ ...expression, leaves: new Map([...expression.leaves, [inside, undefined!]]) })
    : expressionNodes(expression)
  return nodes.filter(node => !expression.leaves.has(node) && node !== inside && (isComputed(node) || isDrawn(node)))
    .length
}

interface Product {
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly batched: boolean
}

export function productFlops({ rows, inner, columns, batched }: Product, batch: number): number {
  return 2 * (batched ? batch : rows) * inner * columns
}

/** Of the smaller picture's pixels: of a gradient, those of dy. */
export function convolutionFlops({ geometry }: { readonly geometry: ConvGeometry }, batch: number): number {
  const { input, output, size, groups } = geometry
  const pixels = Math.min(input.height * input.width, output.height * output.width)
  return (2 * batch * pixels * size[0] * size[1] * input.channels * output.channels) / groups
}

/** Of the convolutions of a step's forward pass. */
export function forwardFlops(graph: StepGraph): number {
  return nodesOf(graph)
    .filter(node => node.kind === 'conv2d')
    .reduce((sum, { shape, inputs }) => sum + 2 * sizeOf(shape) * sizeOf(inputs[1]!.shape.slice(0, -1)), 0)
}
