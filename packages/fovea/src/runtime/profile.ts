/**
 * Where the time of a step goes: every kernel and every wait, on every thread. In: the entries of a model, compiled with marks
 * between kernels. Out: milliseconds of a step, as data and as a table for people.
 */
import type { Host } from '../base/host.ts'
import type { StepGraph } from '../graph/node.ts'
import { kernelCost } from '../plan/cost.ts'
import type { Kernel, Plan } from '../plan/types.ts'
import type { CompileSettings, Feed } from './device.ts'
import { ownMemory } from './wasm/part.ts'
import { wasmDevice } from './wasm-device.ts'
import type { WasmProgram } from './wasm-program.ts'

export interface ProfileRequest {
  readonly entries: Readonly<Record<string, StepGraph>>
  /** The entry to run; its costs are those of full batches, so `feed` is to give them. */
  readonly entry: string
  readonly states: Readonly<Record<string, ArrayLike<number>>>
  readonly feed: Feed
  /** Steps of one run. */
  readonly steps: number
  /** Runs, of which the fastest counts (3 by default), after as many to warm up. */
  readonly runs?: number | undefined
  readonly options?: CompileSettings | undefined
}

export interface KernelTimes {
  readonly kernel: Kernel
  readonly phase: number
  readonly flops: number
  readonly bytes: number
  /** Milliseconds of a step, by thread. */
  readonly milliseconds: readonly number[]
}

export interface Profile {
  readonly entry: string
  readonly batch: number
  readonly threads: number
  readonly msPerStep: number
  readonly kernels: readonly KernelTimes[]
  /** Idle milliseconds of a step at the end of each phase, by thread. */
  readonly waits: readonly (readonly number[])[]
}

/** A stretch of a thread's time that a profile tells apart: a kernel, or (without one) the wait at the end of a phase. */
interface Probe {
  readonly entry: string
  readonly phase: number
  readonly kernel?: Kernel
}

/** Probe i ends at mark i; before the first one lies what happens between steps. */
function probesOf(plans: readonly Plan[]): Probe[] {
  return plans.flatMap(({ name, phases }) => [
    { entry: name, phase: -1 },
    ...phases.flatMap(({ kernels }, phase) => [
      ...kernels.map(kernel => ({ entry: name, phase, kernel })),
      { entry: name, phase },
    ]),
  ])
}

/** Milliseconds of every thread in every probe since the last call. */
function takeTimes({ plan, info: { threads }, bytes }: WasmProgram): { probe: Probe; milliseconds: number[] }[] {
  const probes = probesOf(plan.entries)
  const { start, stride } = ownMemory(plan, { profile: probesOf })
  const sums = Array.from(
    { length: threads },
    (_, thread) => new Float64Array(bytes, start + thread * stride + plan.scratchStride, probes.length),
  )
  const times = probes.map((probe, index) => ({ probe, milliseconds: sums.map(sum => sum[index]!) }))
  for (const sum of sums) sum.fill(0)
  return times
}

export async function profileProgram(host: Host, request: ProfileRequest): Promise<Profile> {
  const { entries, entry, states, feed, steps, runs = 3, options } = request
  const program = (await wasmDevice(host, { profile: probesOf }).compile(entries, options)) as WasmProgram
  try {
    await program.writeStates(states)
    const { batch } = program.plan.entries.find(({ name }) => name === entry)!
    const measured = async () => {
      await program.run(entry, steps, feed)
      const times = takeTimes(program)
        .filter(({ probe }) => probe.entry === entry && probe.phase >= 0)
        .map(({ probe, milliseconds }) => ({ ...probe, milliseconds: milliseconds.map(sum => sum / steps) }))
      return { times, msPerStep: times.reduce((sum, { milliseconds }) => sum + milliseconds[0]!, 0) }
    }
    for (let run = 0; run < runs; run++) await measured()
    let best = await measured()
    for (let run = 1; run < runs; run++) {
      const next = await measured()
      if (next.msPerStep < best.msPerStep) best = next
    }
    const { times, msPerStep } = best
    const kernels = times.flatMap(({ kernel, phase, milliseconds }) =>
      kernel ? [{ kernel, phase, milliseconds, ...kernelCost(kernel, batch) }] : [],
    )
    const waits = times.filter(({ kernel }) => !kernel).map(({ milliseconds }) => milliseconds)
    return { entry, batch, threads: program.info.threads, msPerStep, kernels, waits }
  } finally {
    await program.dispose()
  }
}

/** @param ceiling GFLOP/s of one thread, to compare kernels with; flops are those of the plain loop, so Winograd may exceed it. */
export function printProfile(profile: Profile, ceiling?: number): string {
  const { entry, batch, threads, msPerStep, kernels, waits } = profile
  const milliseconds = (values: readonly number[]): string =>
    values.map(value => value.toFixed(3).padStart(8)).join(' ')
  const line = ({ kernel, flops, bytes, milliseconds: each }: KernelTimes): string => {
    const seconds = Math.max(1e-9, each.reduce((sum, value) => sum + value, 0) / 1000)
    const rate = flops / seconds / 1e9
    return [
      `${kernel.id} ${kernel.name}`.padEnd(44),
      kernel.split === 'rows' ? 'rows'.padStart(9) : `${kernel.units} u`.padStart(9),
      milliseconds(each),
      rate.toFixed(1).padStart(7),
      ...(ceiling === undefined ? [] : [`${((100 * rate) / ceiling).toFixed(0)} %`.padStart(6)]),
      (bytes / seconds / 1e9).toFixed(1).padStart(7),
    ].join(' ')
  }
  const sum = (rows: readonly (readonly number[])[]): number[] =>
    Array.from({ length: threads }, (_, thread) => rows.reduce((total, row) => total + row[thread]!, 0))
  const work = sum(kernels.map(each => each.milliseconds))
  const idle = sum(waits)
  const flops = kernels.reduce((total, each) => total + each.flops, 0)
  const lines = waits.flatMap((wait, phase) => [
    ...kernels.filter(each => each.phase === phase).map(line),
    `  wait after phase ${phase}`.padEnd(54) + milliseconds(wait),
  ])
  return [
    `entry ${entry}, batch ${batch}, ${threads} ${threads === 1 ? 'thread' : 'threads'}: ${msPerStep.toFixed(3)} ms a step, ${(flops / msPerStep / 1e6).toFixed(1)} GFLOP/s`,
    `${'kernel'.padEnd(44)}     split ${'ms of each thread'.padStart(threads * 9 - 1)} GFLOP/s${ceiling === undefined ? '' : ' ceiling'} GB/s`,
    ...lines,
    `${'work'.padEnd(54)}${milliseconds(work)}`,
    `${'idle'.padEnd(54)}${milliseconds(idle)}`,
    '',
  ].join('\n')
}
