/**
 * What lowering an entry needs at every turn: buffers by node, how a node is read (through views, broadcast), expressions to compute,
 * and the list of kernels that grows.
 */
import { InternalError } from '../base/errors.ts'
import { type DType, type Shape, sizeOf, stridesOf } from '../base/shape.ts'
import type { Node, NodeOf, StateUpdate, StepGraph } from '../graph/node.ts'
import { mapUnits } from './axes.ts'
import { forwardFlops } from './flops.ts'
import type { Fusion, Job } from './fuse.ts'
import { isDrawn, isInline, isReduction, isView, type NodeIn, type ReductionKind } from './operations.ts'
import type { Target } from './target.ts'
import {
  type Access,
  type Buffer,
  type Epilogue,
  type Expression,
  type Kernel,
  type Layout,
  type Result,
  SLICE_ROWS,
  type Spec,
} from './types.ts'
import { viewAccess } from './views.ts'
import type { Algorithm } from './winograd.ts'
import type { Order } from './work-order.ts'

export interface KernelRequest {
  readonly name: string
  readonly spec: Spec
  readonly split: 'rows' | 'units'
  readonly units?: number
  readonly reads: readonly (Buffer | undefined)[]
  readonly writes: readonly Buffer[]
  /** Bytes of memory that each thread needs for itself. */
  readonly scratch: number
}

export class Lowering {
  readonly graph: StepGraph
  readonly target: Target
  /** Of convolutions. */
  readonly algorithm: Algorithm
  readonly kernels: Kernel[] = []
  readonly buffers: Buffer[] = []
  readonly outputs: { name: string; node: Node; buffer: Buffer }[] = []
  /** Old values of states, kept aside. */
  readonly kept = new Map<StateUpdate, Access>()
  private readonly fusion: Fusion
  private readonly order: Order
  private readonly blocked: ReadonlySet<Node>
  private readonly bufferOf = new Map<Node, Buffer>()
  private readonly copies = new Map<Node, Access>()
  private readonly parts = new Map<Node, Buffer>()
  private work: number | undefined

  constructor(
    graph: StepGraph,
    fusion: Fusion,
    order: Order,
    blocked: ReadonlySet<Node>,
    states: ReadonlyMap<string, Buffer>,
    target: Target,
    algorithm: Algorithm,
  ) {
    this.target = target
    this.algorithm = algorithm
    this.graph = graph
    this.fusion = fusion
    this.order = order
    this.blocked = blocked
    for (const node of graph.inputs)
      this.bufferOf.set(
        node,
        this.newBuffer(node.attributes.name, sizeOf(node.shape), {
          space: 'feed',
          dtype: node.dtype,
          batched: node.batched,
        }),
      )
    for (const node of graph.states) this.bufferOf.set(node, states.get(node.attributes.name)!)
  }

  /** Operations of all convolutions of the step. */
  convolutionWork(): number {
    this.work ??= forwardFlops(this.graph)
    return this.work
  }

  inputBuffer(node: NodeOf<'input'>): Buffer {
    return this.bufferOf.get(node)!
  }

  /** From here on a node is read there. */
  readFrom(node: Node, access: Access): void {
    this.copies.set(node, access)
  }

  output(name: string, node: Node): void {
    const layout = this.layoutOf(node)
    const buffer = this.newBuffer(name, sizeOf(node.shape), { space: 'result', batched: node.batched, layout })
    this.outputs.push({ name, node, buffer })
    this.map(`output ${name}`, node.shape, node.batched, [{ node, access: natural(buffer, node.shape) }])
  }

  // Buffers and accesses

  newBuffer(
    name: string,
    size: number,
    options: { space?: Buffer['space']; dtype?: DType; batched?: boolean; layout?: Layout } = {},
  ): Buffer {
    const { space = 'arena', dtype = 'f32', batched = false, layout = 'plain' } = options
    const rowSize = batched ? size / this.graph.batch : 0
    const buffer: Buffer = { id: this.buffers.length, name, space, dtype, size, batched, rowSize, layout, offset: 0 }
    this.buffers.push(buffer)
    return buffer
  }

  layoutOf(node: Node): Layout {
    return this.blocked.has(node) ? 'blocked' : 'plain'
  }

  /** Where a stored result goes: a state updated in place, or a buffer of its own. */
  destination(node: Node): Access {
    let buffer = this.bufferOf.get(node)
    if (!buffer) {
      const state = this.order.inPlace.get(node)
      buffer = state
        ? this.bufferOf.get(state)!
        : this.newBuffer(`${node.kind} ${node.id}`, sizeOf(node.shape), {
            batched: node.batched,
            layout: this.layoutOf(node),
          })
      this.bufferOf.set(node, buffer)
    }
    return natural(buffer, node.shape)
  }

  /** How a stored node, a source or a view of one is read along its own axes. */
  accessOf(node: Node): Access {
    const copied = this.copies.get(node)
    if (copied) return copied
    if (isView(node)) return viewAccess(node, this)
    const buffer = this.bufferOf.get(node)
    if (!buffer) throw new InternalError('plan', `${node.kind} ${node.id} is read before it is written`)
    return natural(buffer, node.shape)
  }

  /**
   * The same with elements in row-major order without gaps (copied when they are not), as float32. `whole`: and from the
   * buffer's first element on, for kernels that know a weight by its buffer alone.
   */
  contiguous(node: Node, whole = false): Access {
    const access = this.accessOf(node)
    const expected = stridesOf(node.shape)
    const inOrder = node.shape.every((extent, axis) => extent === 1 || access.strides[axis] === expected[axis])
    const placed = inOrder && (!whole || access.offset === 0)
    if (placed && (access.buffer.dtype === 'f32' || access.buffer.space === 'feed'))
      return { ...access, strides: expected }
    const copy = natural(
      this.newBuffer(`copy of ${node.kind} ${node.id}`, sizeOf(node.shape), { batched: node.batched }),
      node.shape,
    )
    this.map(`copy ${node.kind}`, node.shape, node.batched, [{ node, access: copy }])
    this.copies.set(node, copy)
    return copy
  }

  /** An operand as `shape` sees it: missing axes and axes of extent 1 do not move. */
  private leafAccess(node: Node, shape: Shape): Access {
    const access = this.accessOf(node)
    const lead = shape.length - node.shape.length
    const strides = shape.map((extent, axis) => {
      const own = node.shape[axis - lead]
      return own === undefined || (own === 1 && extent !== 1) ? 0 : access.strides[axis - lead]!
    })
    return { ...access, strides }
  }

  /** What a job stores: values, and sums of channels slice by slice. */
  resultsOf(job: Job): Result[] {
    return job.results.map(node =>
      isReduction(node)
        ? { node: node.inputs[0]!, access: natural(this.partsOf(node), []), summed: true }
        : { node, access: this.destination(node) },
    )
  }

  /** A section per slice of the batch, to be joined. */
  partsOf(node: NodeIn<ReductionKind>): Buffer {
    const sections = Math.ceil(this.graph.batch / SLICE_ROWS)
    const buffer =
      this.parts.get(node) ??
      this.newBuffer(`parts of reduce ${node.id}`, sections * sizeOf(node.shape), { batched: true })
    this.parts.set(node, buffer)
    return buffer
  }

  /** Everything computed to get from loaded values to `results`, over axes of `shape`. `inside`: the job the results belong to. */
  expression(results: readonly Result[], shape: Shape, inside?: Job): Expression {
    const leaves = new Map<Node, Access>()
    const visit = (node: Node): void => {
      if (leaves.has(node) || (inside && node === inside.anchor && inside.kind === 'dedicated')) return
      const computed =
        isInline(node) && (!this.fusion.isStored(node) || (inside && this.fusion.jobOf.get(node) === inside))
      if (!computed) leaves.set(node, this.leafAccess(node, shape))
      else if (isDrawn(node)) leaves.set(node.inputs[0]!, this.accessOf(node.inputs[0]!))
      else node.inputs.forEach(visit)
    }
    for (const { node } of results) visit(node)
    return { leaves, results }
  }

  epilogue(job: Job): Epilogue {
    return { anchor: job.anchor, ...this.expression(this.resultsOf(job), job.anchor.shape, job) }
  }

  /** Blocked tensors, and whatever else lies in one order, are walked as one axis. */
  flattened(expression: Expression, shape: Shape): Expression {
    const flat = (access: Access): Access => ({
      ...access,
      strides: [access.strides.some((stride, axis) => stride !== 0 && shape[axis] !== 1) ? 1 : 0],
    })
    return {
      leaves: new Map([...expression.leaves].map(([node, access]) => [node, flat(access)])),
      results: expression.results.map(result => ({ ...result, access: flat(result.access) })),
    }
  }

  // Kernels

  map(name: string, shape: Shape, batched: boolean, results: readonly Result[], inside?: Job): void {
    const computed = this.expression(results, shape, inside)
    const isBlocked = results.some(({ access }) => access.buffer.layout === 'blocked')
    const [expression, extents] = isBlocked ? [this.flattened(computed, shape), [sizeOf(shape)]] : [computed, shape]
    const spec = { kind: 'map', shape: extents, batched, expression } as const
    this.kernel({
      name,
      spec,
      split: batched ? 'rows' : 'units',
      units: batched ? 1 : mapUnits(spec),
      reads: this.buffersOf(expression),
      writes: results.map(({ access }) => access.buffer),
      scratch: 0,
    })
  }

  buffersOf(expression: Expression): Buffer[] {
    return [...expression.leaves.values()].map(access => access.buffer)
  }

  kernel(request: KernelRequest): void {
    const reads = [...new Set(request.reads.filter(buffer => buffer !== undefined))]
    this.kernels.push({
      id: this.kernels.length,
      name: request.name,
      spec: request.spec,
      split: request.split,
      units: request.split === 'rows' ? 1 : (request.units ?? 1),
      reads,
      writes: [...new Set(request.writes)],
      scratch: request.scratch,
    })
  }
}

export function natural(buffer: Buffer, shape: Shape): Access {
  return { buffer, offset: 0, strides: stridesOf(shape) }
}
