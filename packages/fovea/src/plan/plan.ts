/**
 * From step graphs to plans: expand, decide layouts (over all entries), fuse, order, lower to kernels, put into phases, lay out
 * in memory. States come first, then what the entries take turns in: a feed and result slot per step, and the arena.
 */
import { sizeOf } from '../base/shape.ts'
import { nodesOf, type StepGraph } from '../graph/node.ts'
import { expand } from './expand.ts'
import { fuse } from './fuse.ts'
import { blockedNodes } from './layout.ts'
import { workLowering } from './lower-work.ts'
import { Lowering } from './lowering.ts'
import { byteSize, placeArena, placeInLine, placeSlices } from './memory.ts'
import { isReduction } from './operations.ts'
import { splitPreparation } from './prepare.ts'
import { schedule } from './schedule.ts'
import type { Target } from './target.ts'
import type { Buffer, Kernel, Plan } from './types.ts'
import type { Algorithm } from './winograd.ts'
import { orderWork } from './work-order.ts'

export interface PlanOptions {
  readonly target: Target
  /** Steps whose inputs and outputs are in memory at once. */
  readonly slots: number
  /** Where the first buffer may lie. */
  readonly start: number
  /** Free bytes behind every buffer, for tests that watch for overruns. */
  readonly guard?: number
  /** Of convolutions, where it applies; chosen by shape by default. */
  readonly algorithm?: Algorithm
  /** States that lie in memory already, by name. */
  readonly placed?: ReadonlyMap<string, StateBuffer>
}

export interface StateBuffer {
  readonly buffer: Buffer
  /** In the state's own (Keras) order. */
  readonly shape: readonly number[]
}

export interface ProgramPlan {
  readonly target: Target
  readonly entries: readonly Plan[]
  readonly states: ReadonlyMap<string, StateBuffer>
  /** Behind it lies what entries that do not run together may take turns in. */
  readonly statesEnd: number
  /** Absolute byte positions, shared by the entries. */
  readonly feedStart: number
  readonly feedStride: number
  readonly resultStart: number
  readonly resultStride: number
  readonly scratchStart: number
  /** Bytes of one thread's scratch memory. */
  readonly scratchStride: number
  /** Steps whose inputs and outputs are in memory at once. */
  readonly slots: number
}

export const liesPlain =
  (placed: ReadonlyMap<string, StateBuffer>) =>
  (name: string): boolean =>
    placed.get(name)?.buffer.layout === 'plain'

export async function planProgram(
  entries: Readonly<Record<string, StepGraph>>,
  options: PlanOptions,
): Promise<ProgramPlan> {
  const { target, guard = 0, placed = new Map<string, StateBuffer>() } = options
  const graphs = await Promise.all(
    Object.entries(entries).map(async ([name, graph]) => ({ name, graph: await expand(graph) })),
  )
  const nodes = graphs.flatMap(({ graph }) => nodesOf(graph))
  const hasUpdates = graphs.some(({ graph }) => graph.updates.length > 0)
  const updates = hasUpdates ? await import('./state-updates.ts') : undefined
  const lowerWork = await workLowering(nodes, updates)
  const jobForReduction = nodes.some(isReduction) ? (await import('./fuse-reductions.ts')).jobForReduction : undefined
  const blocked = blockedNodes(
    graphs.map(({ graph }) => graph),
    target.block,
    liesPlain(placed),
  )
  const states = new Map(placed)
  for (const { graph } of graphs) {
    for (const node of graph.states) {
      const { name } = node.attributes
      if (states.has(name)) continue
      const layout = blocked.has(node) ? 'blocked' : 'plain'
      const buffer: Buffer = {
        id: states.size,
        name,
        space: 'state',
        dtype: node.dtype,
        size: sizeOf(node.shape),
        batched: false,
        rowSize: 0,
        layout,
        offset: 0,
      }
      states.set(name, { buffer, shape: node.shape })
    }
  }
  const stateBuffers = new Map([...states].map(([name, { buffer }]) => [name, buffer] as const))
  const lowered = graphs.map(({ name, graph }) => {
    const fusion = fuse(graph, jobForReduction)
    const order = orderWork(graph, fusion, updates?.orderUpdates)
    const lowering = new Lowering(graph, fusion, order, blocked, stateBuffers, target, options.algorithm ?? 'auto')
    lowerWork(lowering, order.work)
    return { name, graph, lowering, ...splitPreparation(graph, lowering.kernels) }
  })
  const kept = lowered.flatMap(entry => entry.kept)
  for (const buffer of kept) buffer.space = 'state'

  const { line } = target.cache
  const own = [...stateBuffers].flatMap(([name, buffer]) => (placed.has(name) ? [] : [buffer]))
  const statesEnd = options.start + placeInLine(target, own, guard, options.start)
  const keptEnd = statesEnd + placeInLine(target, kept, guard, statesEnd)
  const inSpace = (lowering: Lowering, space: Buffer['space']): Buffer[] =>
    lowering.buffers.filter(buffer => buffer.space === space)
  const feedStride = Math.max(
    line,
    ...lowered.map(({ lowering }) => placeInLine(target, inSpace(lowering, 'feed'), guard)),
  )
  const resultStride = Math.max(
    line,
    ...lowered.map(({ lowering }) => placeInLine(target, inSpace(lowering, 'result'), guard)),
  )
  const feedStart = keptEnd
  const resultStart = feedStart + options.slots * feedStride
  const arenaStart = resultStart + options.slots * resultStride
  const plans = lowered.flatMap(({ name, graph, lowering, before, every }): Plan[] => {
    const phases = schedule(every)
    const slices = placeSlices(target, lowering.buffers, phases, guard)
    const preparation = preparationOf(name, graph.batch, before)
    const plan: Plan = {
      name,
      ...(preparation && { preparation: preparation.name }),
      batch: graph.batch,
      phases,
      buffers: lowering.buffers,
      inputs: graph.inputs.map(node => ({ node, buffer: lowering.inputBuffer(node) })),
      outputs: lowering.outputs,
      feedBytes: inSpace(lowering, 'feed').reduce((sum, buffer) => sum + byteSize(target, buffer, guard), 0),
      resultBytes: inSpace(lowering, 'result').reduce((sum, buffer) => sum + byteSize(target, buffer, guard), 0),
      arenaBytes: placeArena(target, inSpace(lowering, 'arena'), phases, arenaStart, guard),
      scratchBytes: slices,
    }
    return preparation ? [preparation, plan] : [plan]
  })
  const arenaEnd = arenaStart + Math.max(0, ...plans.map(plan => plan.arenaBytes))
  const scratchStride = (Math.ceil(Math.max(0, ...plans.map(plan => plan.scratchBytes)) / line) | 1) * line + 2 * line
  return {
    target,
    entries: plans,
    states,
    statesEnd,
    feedStart,
    feedStride,
    resultStart,
    resultStride,
    scratchStart: arenaEnd,
    scratchStride,
    slots: options.slots,
  }
}

/** An entry of its own: nothing is fed, nothing comes out. */
function preparationOf(name: string, batch: number, kernels: readonly Kernel[]): Plan | undefined {
  if (kernels.length === 0) return undefined
  return {
    name: `${name} preparation`,
    batch,
    phases: schedule(kernels),
    buffers: [...new Set(kernels.flatMap(kernel => kernel.writes))],
    inputs: [],
    outputs: [],
    feedBytes: 0,
    resultBytes: 0,
    arenaBytes: 0,
    scratchBytes: Math.max(0, ...kernels.map(kernel => kernel.scratch)),
  }
}
