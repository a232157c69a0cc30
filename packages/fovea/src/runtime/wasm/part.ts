/**
 * Entries that were planned together, ready to run: their plan, their code and what runs it. The parts of a program share its states; of
 * what lies behind them only one part's is valid at a time, since parts take turns.
 */
import { bytesOf, sizeOf } from '../../base/shape.ts'
import type { Node, StepGraph } from '../../graph/node.ts'
import { type PlanOptions, type ProgramPlan, planProgram } from '../../plan/plan.ts'
import { wasm128 } from '../../plan/target.ts'
import type { Plan } from '../../plan/types.ts'
import type { Algorithm } from '../../plan/winograd.ts'
import { control } from '../../targets/wasm/barrier.ts'
import { newMemory, PAGE } from './memory.ts'
import { Modules } from './modules.ts'
import { Runner } from './runner.ts'
import type { ThreadMemory, Threads } from './threads.ts'
import type { WebAssemblyMemory } from './web-assembly.ts'

export interface Part {
  readonly graphs: Readonly<Record<string, StepGraph>>
  readonly plan: ProgramPlan
  readonly modules: Modules
  readonly runner: Runner
}

/** What all parts of a program have in common. */
export interface PartOptions {
  readonly threads: number
  readonly shared: boolean
  /** Contract multiply-add. */
  readonly contract: boolean
  /** The stretches of these entries' time, where it is measured (runtime/profile). */
  readonly profile?: (plans: readonly Plan[]) => readonly unknown[]
  readonly guard: number
  readonly algorithm?: Algorithm
  readonly aloneSeconds: number
  /** Bytes that can still be had, where it is known. */
  readonly memoryLeft?: (() => number) | undefined
}

/**
 * Steps whose inputs and outputs are in memory at once: as many as fit into these bytes, so that a call of several steps costs
 * little more than its steps and the inputs stay in the cache.
 */
const SLOT_BYTES = 1 << 20
const MOST_SLOTS = 64

export type Graphs = Readonly<Record<string, StepGraph>>

/** How a program's entries are planned. */
export function planOptions(graphs: Graphs, { guard, algorithm }: PartOptions): Omit<PlanOptions, 'start' | 'placed'> {
  return { target: wasm128, slots: slotCount(graphs), guard, ...(algorithm && { algorithm }) }
}

/** Plans entries behind what every program has in its memory. */
export function planPart(graphs: Graphs, options: PartOptions): Promise<ProgramPlan> {
  return planProgram(graphs, { ...planOptions(graphs, options), start: control.end })
}

function slotCount(graphs: Graphs): number {
  const bytes = (nodes: readonly Node[]): number =>
    nodes.reduce((sum, node) => sum + sizeOf(node.shape) * bytesOf[node.dtype] + 128, 64)
  const most = (nodesOf: (graph: StepGraph) => readonly Node[]): number =>
    Math.max(...Object.values(graphs).map(graph => bytes(nodesOf(graph))))
  const slot = most(graph => graph.inputs) + most(graph => graph.outputs.map(output => output.node))
  return Math.max(1, Math.min(MOST_SLOTS, Math.floor(SLOT_BYTES / slot)))
}

/** Pages of the memory that a plan needs. */
export function pagesOf(plan: ProgramPlan, options: PartOptions): number {
  return Math.ceil((plan.scratchStart + options.threads * ownMemory(plan, options).stride) / PAGE)
}

/** The memory that a plan needs. Throws UserError where there is less of it, before any is taken. */
export async function memoryOf(graphs: Graphs, plan: ProgramPlan, options: PartOptions): Promise<WebAssemblyMemory> {
  const pages = pagesOf(plan, options)
  const left = options.memoryLeft?.() ?? Number.POSITIVE_INFINITY
  if (pages * PAGE <= left) return newMemory(pages, options.shared)
  const { lessThanNeeded } = await import('./refusals.ts')
  const rows = Math.max(...Object.values(graphs).map(({ batch }) => batch))
  throw lessThanNeeded({ needed: pages * PAGE, left, states: plan.statesEnd, rows })
}

/** Sums of a profile lie behind a thread's scratch memory, in cache lines of their own. */
export function ownMemory(
  { entries, scratchStart: start, scratchStride }: ProgramPlan,
  { profile }: Pick<PartOptions, 'profile'>,
): ThreadMemory {
  if (!profile) return { start, stride: scratchStride }
  const probes = profile(entries).length
  return {
    start,
    stride: scratchStride + Math.ceil(probes / 8) * 64,
    profile: { offset: scratchStride, probes },
  }
}

export function partOf(graphs: Graphs, plan: ProgramPlan, pool: Threads, options: PartOptions): Part {
  const { threads, shared, contract, profile, aloneSeconds } = options
  const own = ownMemory(plan, options)
  const pages = pagesOf(plan, options)
  return {
    graphs,
    plan,
    modules: new Modules(plan.entries, pool, own, {
      pages,
      mostPages: PAGE,
      shared,
      contract,
      profile: profile !== undefined,
    }),
    runner: new Runner(plan, pool, threads, aloneSeconds),
  }
}
