/**
 * Runs op cases on a device and compares with the float64 oracle. Rows beyond n are fed NaN (or the largest number of the
 * type), so a device that reads them is caught. Many cases become entries of one program: devices compile once.
 */

import type { Node } from '../../packages/fovea/src/graph/node.ts'
import { evaluateGraph, type OracleValues, realShape } from '../../packages/fovea/src/graph/oracle/evaluate.ts'
import type {
  CompileSettings,
  Device,
  FeedSlots,
  Program,
  StepOutputs,
} from '../../packages/fovea/src/runtime/device.ts'
import { type BuiltCase, buildCase, type OpCase } from './case.ts'
import { compositeTolerance, type Tolerance, toleranceOf } from './tolerance.ts'
import { winogradTolerance } from './winograd-tolerance.ts'

/** An output that is off. Only the first few elements are listed. */
export interface Mismatch {
  readonly case: string
  readonly n: number
  readonly output: string
  /** How many elements are off, of how many. */
  readonly count: string
  readonly elements: readonly { index: number; received: number; expected: number; allowed: number }[]
}

export interface RunOptions extends CompileSettings {
  /** Rows to run with; every case's `rowCounts` by default. */
  readonly n?: number
}

/** n worth trying: the whole batch, 1, 7 where that is fewer, all but one. */
export function rowCounts(batch: number): number[] {
  return [...new Set([batch, 1, 7, batch - 1])].filter(n => n >= 1 && n <= batch)
}

/** Cases as they were built, and what the oracle said of them, by case and n. */
interface Examined {
  readonly cases: readonly OpCase[]
  readonly built: readonly BuiltCase[]
  readonly exact: Map<string, OracleValues>
}

/** The last ones alone, or they fill the memory: who runs a list on several devices or settings, runs it on all before the next list. */
let last: Examined | undefined

function examined(cases: readonly OpCase[]): Examined {
  if (last?.cases !== cases) last = { cases, built: cases.map(buildCase), exact: new Map() }
  return last
}

/** Empty when the device agrees with the oracle. */
export async function runCases(
  device: Device,
  cases: readonly OpCase[],
  options: RunOptions = {},
): Promise<Mismatch[]> {
  const { built, exact } = examined(cases)
  const entries = Object.fromEntries(cases.map((opCase, index) => [opCase.name, built[index]!.step]))
  const { n: only, ...compileOptions } = options
  const program = await device.compile(entries, compileOptions)
  const mismatches: Mismatch[] = []
  try {
    for (const [index, opCase] of cases.entries()) {
      for (const n of only === undefined ? rowCounts(opCase.batch) : [only]) {
        const bound =
          options.algorithm !== undefined && options.algorithm !== 'direct' ? winogradTolerance : toleranceOf
        const key = `${opCase.name}, ${n} rows`
        if (!exact.has(key)) exact.set(key, exactly(built[index]!, n))
        mismatches.push(...(await runOne(program, opCase, built[index]!, n, bound, exact.get(key)!)))
      }
    }
  } finally {
    await program.dispose()
  }
  return mismatches
}

function exactly({ step, inputs, states }: BuiltCase, n: number): OracleValues {
  return evaluateGraph(step, { inputs, states, n }, { keepValues: true })
}

async function runOne(
  program: Program,
  opCase: OpCase,
  built: BuiltCase,
  n: number,
  bound: typeof toleranceOf,
  exact: OracleValues,
): Promise<Mismatch[]> {
  const { step, states } = built
  if (step.states.length > 0) await program.writeStates(states)
  const [outputs] = (await program.run(opCase.name, 1, (_, slots) => feed(slots, built, n))) as [StepOutputs]
  const tolerance = (node: Node): Tolerance => {
    const value = exact.values.get(node)!
    if (opCase.exact) return () => 0
    if (opCase.kind === 'composite') return compositeTolerance(value)
    const tensors = node.inputs.map(input => ({ shape: realShape(input, n), data: exact.values.get(input)! }))
    return bound(node, { inputs: tensors, exact: value, n })
  }
  const mismatches: Mismatch[] = []
  const compare = (name: string, node: Node, received: ArrayLike<number>): void => {
    const found = compareValues(received, exact.values.get(node)!, tolerance(node))
    if (found) mismatches.push({ case: opCase.name, n, output: name, ...found })
  }
  for (const { name, node } of step.outputs) compare(name, node, outputs[name] ?? [])
  const names = step.updates.map(update => update.state.attributes.name)
  const after = names.length === 0 ? {} : await program.readStates(names)
  for (const { state, value } of step.updates) compare(state.attributes.name, value, after[state.attributes.name]!)
  return mismatches
}

function feed(slots: FeedSlots, { step, inputs }: BuiltCase, n: number): number {
  for (const input of step.inputs) {
    const slot = slots[input.attributes.name]!
    const values = inputs[input.attributes.name]!
    const real = input.batched ? (values.length / step.batch) * n : values.length
    slot.fill(input.dtype === 'f32' ? Number.NaN : input.dtype === 'i32' ? 2 ** 31 - 1 : 255)
    for (let index = 0; index < real; index++) slot[index] = values[index]!
  }
  return n
}

function compareValues(
  received: ArrayLike<number>,
  expected: Float64Array,
  tolerance: Tolerance,
): Pick<Mismatch, 'count' | 'elements'> | undefined {
  if (received.length !== expected.length) {
    return { count: `${received.length} elements instead of ${expected.length}`, elements: [] }
  }
  const off: Mismatch['elements'][number][] = []
  for (let index = 0; index < expected.length; index++) {
    const value = received[index]!
    const exact = expected[index]!
    if (Object.is(value, exact) || value === Math.fround(exact)) continue
    const allowed = tolerance(index)
    if (Math.abs(value - exact) <= allowed) continue
    off.push({ index, received: value, expected: exact, allowed })
  }
  return off.length === 0 ? undefined : { count: `${off.length} of ${expected.length}`, elements: off.slice(0, 4) }
}
