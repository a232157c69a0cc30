/**
 * How loops run over strided operands: axes that all operands walk alike are merged into one. The plan counts a map's units by it,
 * the kernels write their loops by it.
 */
import type { Shape } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { isDrawn, isPositional, type NodeIn, type PositionalKind } from './operations.ts'
import type { Access, Epilogue, Expression, Spec } from './types.ts'

/** Elements of one unit of a kernel that is not split by rows: on every target, since a sum over more is taken unit by unit. */
export const MAP_UNIT = 1024

export type MapSpec = Extract<Spec, { kind: 'map' }>

/** How a node that is loaded, counted or drawn varies along each loop axis, in elements. */
export interface Varying {
  readonly node: Node
  readonly strides: readonly number[]
  /** Undefined for what is counted or drawn, whose "element index" is a number to compute with. */
  readonly access: Access | undefined
}

/** Every node of the expression, operands first. */
export function expressionNodes(expression: Expression): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  const visit = (node: Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (!expression.leaves.has(node) && !isDrawn(node)) node.inputs.forEach(visit)
    order.push(node)
  }
  for (const { node } of expression.results) visit(node)
  return order
}

/** Every node of an epilogue but the anchor, whose value comes from the kernel. */
export function epilogueNodes({ anchor, leaves, results }: Epilogue): Node[] {
  const known = new Map([...leaves, [anchor, anchorAccess]])
  return expressionNodes({ leaves: known, results }).filter(node => node !== anchor)
}

/** Stands for "comes from the kernel". */
const anchorAccess = { offset: 0, strides: [] } as unknown as Access

export interface Axes {
  /** In loop order, outermost first. */
  readonly extents: readonly number[]
  /** The original axes behind each merged one. */
  readonly groups: readonly (readonly number[])[]
}

/** Everything in an expression whose value depends on the position: loads, counts, draws; strides along the original axes. */
export function varyingOf(shape: Shape, expression: Expression): Varying[] {
  const varying: Varying[] = []
  for (const node of expressionNodes(expression)) {
    const access = expression.leaves.get(node)
    if (access) varying.push({ node, access, strides: access.strides })
    else if (isPositional(node)) varying.push({ node, access: undefined, strides: positionStrides(node, shape) })
  }
  return varying
}

/** The number an element is counted or drawn by, as one moves along an axis; `flat`: as the flat index in the node's own shape moves. */
const steps: { readonly [K in PositionalKind]: (node: NodeOf<K>, axis: number, flat: number) => number } = {
  iota: ({ attributes }, axis) => (axis === attributes.axis ? 1 : 0),
  randomUniform: ({ shape }, axis, flat) => (shape[axis] === 1 ? 0 : flat),
}

function positionStrides(node: NodeIn<PositionalKind>, shape: Shape): number[] {
  const lead = shape.length - node.shape.length
  let flat = 1
  const strides = new Array<number>(shape.length).fill(0)
  for (let axis = node.shape.length - 1; axis >= 0; axis--) {
    strides[lead + axis] = steps[node.kind](node as never, axis, flat)
    flat *= node.shape[axis]!
  }
  return strides
}

/**
 * Merges neighbours in `order` (axes, outermost loop first) where every operand's outer stride is inner stride × inner extent
 * and `together` allows it. Axes of extent 1 vanish.
 */
export function mergeAxes(
  shape: Shape,
  order: readonly number[],
  operands: readonly { readonly strides: readonly number[] }[],
  together: (outer: number, inner: number) => boolean,
): Axes {
  const groups: number[][] = []
  for (const axis of order.toReversed()) {
    const group = groups[0]
    if (group && together(axis, group[0]!)) {
      if (shape[axis] === 1) continue
      const single = group.every(member => shape[member] === 1)
      if (single || operands.every(({ strides }) => strides[axis]! === strides[group[0]!]! * shape[group[0]!]!)) {
        groups[0] = single ? [axis] : [axis, ...group]
        continue
      }
    }
    groups.unshift([axis])
  }
  return { extents: groups.map(group => group.reduce((product, axis) => product * shape[axis]!, 1)), groups }
}

/**
 * Merged axes of a map. A batched one keeps the batch as axis 0 and has at least one more; one that sums channels keeps those as last
 * axis; where results are not written in steps of one, a last axis of extent 1 is added.
 */
export function mapAxes({ shape, batched, expression }: MapSpec) {
  const own = shape.length === 0 ? [1] : shape
  const varying = varyingOf(shape, expression)
  const merge = (full: readonly number[], separateLast: boolean) => {
    const pad = (strides: readonly number[]): number[] => full.map((_, axis) => strides[axis] ?? 0)
    const results = expression.results.map(result => ({
      ...result,
      access: { ...result.access, strides: pad(result.access.strides) },
    }))
    const stored = results.filter(result => !result.summed)
    const padded = varying.map(each => ({ ...each, strides: pad(each.strides) }))
    const together = (outer: number, inner: number): boolean =>
      !(batched && outer === 0) && !(separateLast && inner === full.length - 1)
    const axes = mergeAxes(full, [...full.keys()], [...padded, ...stored.map(result => result.access)], together)
    return { axes, varying: padded, results, stored }
  }
  const merged = merge(batched && own.length === 1 ? [...own, 1] : own, hasSums({ expression }))
  const innermost = merged.axes.groups.at(-1)!.at(-1)!
  const inSteps =
    merged.axes.extents.at(-1) === 1 || merged.stored.every(({ access }) => access.strides[innermost] === 1)
  return inSteps ? merged : merge([...own, 1], true)
}

/** Whether some results of a map are added up over all axes but the last. */
export const hasSums = ({ expression }: Pick<MapSpec, 'expression'>): boolean =>
  expression.results.some(result => result.summed)

/** Units of an unbatched map: pieces of MAP_UNIT elements when everything merges into one axis, else the outermost axis. */
export function mapUnits(spec: MapSpec): number {
  const { extents } = mapAxes(spec).axes
  return extents.length === 1 ? Math.ceil(extents[0]! / MAP_UNIT) : extents[0]!
}
