/**
 * What must hold of every plan, checked without the planner's own reasoning: each kernel reads what the kernel before it in program order
 * wrote, no two threads touch the same numbers between two barriers, no two buffers that are alive together share memory.
 */
import { bytesOf } from '../../packages/fovea/src/base/shape.ts'
import { elementsOf } from '../../packages/fovea/src/plan/memory.ts'
import type { ProgramPlan } from '../../packages/fovea/src/plan/plan.ts'
import type { Buffer, Kernel, Plan } from '../../packages/fovea/src/plan/types.ts'

/** Kernels in the order they run in (one thread), with their phase. */
function runOrder(plan: Plan): { kernel: Kernel; phase: number }[] {
  return plan.phases.flatMap((phase, index) => phase.kernels.map(kernel => ({ kernel, phase: index })))
}

const label = (kernel: Kernel): string => `${kernel.id} ${kernel.name}`

/** For every (reader, buffer): who wrote it last, when kernels run in this order. */
function lastWriters(kernels: readonly Kernel[]): Map<string, number | undefined> {
  const writer = new Map<Buffer, number>()
  const seen = new Map<string, number | undefined>()
  for (const kernel of kernels) {
    for (const buffer of kernel.reads)
      seen.set(`${label(kernel)} reads ${buffer.space} ${buffer.name}`, writer.get(buffer))
    for (const buffer of kernel.writes) {
      seen.set(`${label(kernel)} writes over ${buffer.space} ${buffer.name}`, writer.get(buffer))
      writer.set(buffer, kernel.id)
    }
  }
  return seen
}

/** Values reach their readers as in program order, and nothing in the arena is read before it is written. */
export function orderFaults(plan: Plan): string[] {
  const order = runOrder(plan).map(({ kernel }) => kernel)
  const inTime = lastWriters(order)
  const asWritten = lastWriters(order.toSorted((a, b) => a.id - b.id))
  const faults: string[] = []
  for (const [access, writer] of asWritten) {
    if (inTime.get(access) !== writer) faults.push(`${access} of ${inTime.get(access)} instead of ${writer}`)
    if (writer === undefined && /reads (arena|slice)/.test(access)) faults.push(`${access}, which nobody has written`)
  }
  for (const kernel of order) {
    for (const buffer of kernel.writes) if (buffer.space === 'feed') faults.push(`${label(kernel)} writes a feed`)
    for (const buffer of kernel.reads) if (buffer.space === 'result') faults.push(`${label(kernel)} reads a result`)
  }
  return faults
}

/** Which threads of three touch a buffer in a kernel, and whether each keeps to rows of its own. */
function touch(kernel: Kernel, buffer: Buffer): { threads: readonly number[]; ownRows: boolean } {
  if (kernel.split === 'rows') return { threads: [0, 1, 2], ownRows: buffer.batched }
  return { threads: kernel.units === 1 ? [0] : [0, 1, 2], ownRows: false }
}

/** Two kernels of one phase that meet in a buffer from different threads, one of them writing; and row kernels that all write one value. */
export function phaseFaults(plan: Plan): string[] {
  const faults: string[] = []
  for (const [index, { kernels }] of plan.phases.entries()) {
    for (const [position, first] of kernels.entries()) {
      for (const buffer of first.writes) {
        const own = touch(first, buffer)
        if (first.split === 'rows' && !own.ownRows)
          faults.push(`phase ${index}: every slice of ${label(first)} writes ${buffer.name}`)
        for (const [otherPosition, other] of kernels.entries()) {
          if (
            other === first ||
            !(other.reads.includes(buffer) || (otherPosition > position && other.writes.includes(buffer)))
          )
            continue
          const its = touch(other, buffer)
          const sameThread = own.threads.length === 1 && its.threads.length === 1
          if (!sameThread && !(own.ownRows && its.ownRows))
            faults.push(`phase ${index}: ${label(first)} writes ${buffer.name} while ${label(other)} uses it`)
        }
      }
    }
  }
  return faults
}

interface Span {
  readonly name: string
  readonly start: number
  readonly end: number
}

function spanOf(buffer: Buffer, base = 0): Span {
  const start = base + buffer.offset
  return {
    name: `${buffer.space} ${buffer.name} ${buffer.id}`,
    start,
    end: start + elementsOf(buffer) * bytesOf[buffer.dtype],
  }
}

function overlapping(spans: readonly Span[]): string[] {
  const sorted = spans.toSorted((a, b) => a.start - b.start)
  const faults: string[] = []
  let furthest: Span | undefined
  for (const span of sorted) {
    if (furthest && span.start < furthest.end) faults.push(`${furthest.name} and ${span.name} share memory`)
    if (!furthest || span.end > furthest.end) furthest = span
  }
  return faults
}

/** A buffer of which threads keep one slice belongs to row kernels of one phase; it meets no other one that is alive, nor the kernels' scratch. */
function sliceFaults(plan: Plan): string[] {
  const faults: string[] = []
  const order = runOrder(plan)
  const lives = new Map<Buffer, [number, number]>()
  for (const [index, { kernel, phase }] of order.entries()) {
    for (const buffer of [...kernel.reads, ...kernel.writes].filter(({ space }) => space === 'slice')) {
      const first = lives.get(buffer)?.[0] ?? index
      if (kernel.split !== 'rows' || order[first]!.phase !== phase)
        faults.push(`slice ${buffer.name} is not of one run`)
      lives.set(buffer, [first, index])
    }
  }
  for (const [index, { kernel }] of order.entries()) {
    const alive = [...lives].filter(([, [first, last]]) => first <= index && index <= last)
    const own = { name: `scratch of ${label(kernel)}`, start: 0, end: kernel.scratch }
    faults.push(...overlapping([own, ...alive.map(([buffer]) => spanOf(buffer))]))
  }
  for (const buffer of lives.keys())
    if (buffer.offset + elementsOf(buffer) * bytesOf[buffer.dtype] > plan.scratchBytes)
      faults.push(`${buffer.name} is outside`)
  return faults
}

/** Buffers that are alive in the same phase and overlap; also states, feeds, results and scratch among each other. */
export function memoryFaults(program: ProgramPlan, plan: Plan): string[] {
  const fixed: Span[] = [
    ...[...program.states.values()].map(({ buffer }) => spanOf(buffer)),
    { name: 'control words', start: 0, end: 256 },
    { name: 'scratch', start: program.scratchStart, end: program.scratchStart + program.scratchStride },
  ]
  const used = new Set(runOrder(plan).flatMap(({ kernel }) => [...kernel.reads, ...kernel.writes]))
  for (const buffer of [
    ...used,
    ...plan.inputs.map(input => input.buffer),
    ...plan.outputs.map(output => output.buffer),
  ]) {
    if (buffer.space === 'state' && ![...program.states.values()].some(state => state.buffer === buffer))
      fixed.push(spanOf(buffer))
    const isFeed = buffer.space === 'feed'
    if (!isFeed && buffer.space !== 'result') continue
    const [start, stride] = isFeed
      ? [program.feedStart, program.feedStride]
      : [program.resultStart, program.resultStride]
    for (const slot of [0, program.slots - 1]) {
      const span = spanOf(buffer, start + slot * stride)
      if (!fixed.some(other => other.name === span.name && other.start === span.start)) fixed.push(span)
    }
  }
  const lives = new Map<Buffer, [number, number]>()
  for (const { kernel, phase } of runOrder(plan)) {
    for (const buffer of [...kernel.reads, ...kernel.writes]) {
      if (buffer.space === 'arena') lives.set(buffer, [lives.get(buffer)?.[0] ?? phase, phase])
    }
  }
  const faults = plan.phases.flatMap((_, phase) => {
    const alive = [...lives].filter(([, [first, last]]) => first <= phase && phase <= last)
    return overlapping([...fixed, ...alive.map(([buffer]) => spanOf(buffer))]).map(fault => `phase ${phase}: ${fault}`)
  })
  faults.push(...sliceFaults(plan))
  for (const buffer of used) if (buffer.offset % 16 !== 0) faults.push(`${buffer.name} is not aligned`)
  if (Math.max(0, ...runOrder(plan).map(({ kernel }) => kernel.scratch)) > plan.scratchBytes)
    faults.push('scratch is too small')
  return [...new Set(faults)]
}

export function planFaults(program: ProgramPlan): string[] {
  return program.entries.flatMap(plan =>
    [...orderFaults(plan), ...phaseFaults(plan), ...memoryFaults(program, plan)].map(fault => `${plan.name}: ${fault}`),
  )
}
