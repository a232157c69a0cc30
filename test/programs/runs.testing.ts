/** Runs random programs on the WebAssembly device in several ways, and lists what differs: from the oracle, between the ways, in memory. */
import { sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { nodesOf, type StepGraph } from '../../packages/fovea/src/graph/node.ts'
import { evaluateGraph, realShape } from '../../packages/fovea/src/graph/oracle/evaluate.ts'
import type { CompileSettings } from '../../packages/fovea/src/runtime/device.ts'
import { type WasmOptions, wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { planFaults } from '../plans/plan-checks.testing.ts'
import { broken, fillAllButStates, forbidden, type PlacedProgram, paint } from '../wasm/memory.testing.ts'
import { differences, host } from '../wasm/runs.testing.ts'
import { isExact, type RandomProgram, type Run, valuesOf } from './programs.testing.ts'

type Values = Record<string, ArrayLike<number>>

const GUARD = 256

export type Way = CompileSettings & WasmOptions

/** On the caller's thread; by workers, no memory shared between buffers; by more of them, each entry's code made when it runs. */
export function waysOf(algorithm: NonNullable<CompileSettings['algorithm']>): Way[] {
  return [
    { algorithm, threads: 1 },
    { algorithm, threads: 2, guard: GUARD },
    { algorithm, threads: 3, first: [] },
  ]
}

/** What is wrong with these programs (compiled together), in words; every fault names its program. */
export async function programFaults(programs: readonly RandomProgram[], ways: readonly Way[]): Promise<string[]> {
  const faults: string[] = []
  const found: Values[] = []
  for (const { guard, ...options } of ways) {
    const device = wasmDevice(host, { aloneSeconds: 0, ...(guard !== undefined && { guard }) })
    const entries = Object.assign({}, ...programs.map(program => program.entries)) as RandomProgram['entries']
    const compiled = (await device.compile(entries, options)) as PlacedProgram
    try {
      faults.push(...planFaults(compiled.plan))
      fillAllButStates(compiled, 0xff)
      const all: Values = {}
      for (const program of programs)
        Object.assign(all, await runScript(compiled, program, { guard: guard ?? 0, faults, values: valuesOf }))
      found.push(all)
    } finally {
      await compiled.dispose()
    }
  }
  const expected: Values = {}
  for (const program of programs) Object.assign(expected, exactValues(program))
  const first = withoutSigns(pick(found[0]!, Object.keys(expected)))
  faults.push(...differences(first, withoutSigns(expected)).map(fault => `not as the oracle: ${fault}`))
  for (const other of found.slice(1)) faults.push(...differences(other, found[0]!))
  return faults
}

/** Outputs and states after every run of the script. `values`: what is fed, and what states begin with. */
export async function runScript(
  compiled: PlacedProgram,
  { entries, script }: RandomProgram,
  { guard, faults, values }: { readonly guard: number; readonly faults: string[]; readonly values: typeof valuesOf },
): Promise<Values> {
  await compiled.writeStates(firstStates(entries, values))
  const received: Values = {}
  for (const [turn, run] of script.entries()) {
    const plan = compiled.plan.entries.find(({ name }) => name === run.entry)!
    // A preparation has scratch memory of its own.
    const regions =
      guard > 0
        ? forbidden(compiled, plan, guard).filter(({ name }) => !plan.preparation || !/slice|scratch/.test(name))
        : []
    paint(compiled, regions)
    const outputs = await compiled.run(run.entry, run.rows.length, (step, slots) => {
      for (const slot of Object.values(slots)) slot.fill(slot instanceof Float32Array ? Number.NaN : 255)
      for (const [name, fed] of Object.entries(fedIn(entries[run.entry]!, run, turn, step, values)))
        slots[name]!.set(fed)
      return run.rows[step]!
    })
    faults.push(...broken(compiled, regions).map(fault => `${run.entry}, turn ${turn}: ${fault}`))
    name(received, run, turn, outputs, await compiled.readStates(Object.keys(firstStates(entries))))
  }
  return received
}

/** The same from the oracle, as far as all its numbers are exact. */
export function exactValues({ entries, script }: RandomProgram): Values {
  const expected: Values = {}
  let states: Record<string, Float64Array> = firstStates(entries)
  for (const [turn, run] of script.entries()) {
    const step = entries[run.entry]!
    const outputs: Values[] = []
    for (const [index, n] of run.rows.entries()) {
      const result = evaluateGraph(step, { inputs: fedIn(step, run, turn, index), states, n }, { keepValues: true })
      const isSound = nodesOf(step).every(node => {
        const inputs = node.inputs.map(input => ({ shape: realShape(input, n), data: result.values.get(input)! }))
        return isExact(node, { inputs, exact: result.values.get(node)!, n })
      })
      if (!isSound) return expected
      states = { ...states, ...result.updates }
      outputs.push(result.outputs)
    }
    name(expected, run, turn, outputs, states)
  }
  return expected
}

function name(values: Values, { entry }: Run, turn: number, outputs: readonly Values[], states: Values): void {
  for (const [step, each] of [...outputs, states].entries()) {
    for (const [key, data] of Object.entries(each)) {
      values[`${entry}, turn ${turn}, step ${step}: ${key}`] = Float64Array.from(data)
    }
  }
}

/** −0 + 0 is 0: maxima and sums may have lost a zero's sign. */
function withoutSigns(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([key, data]) => [key, Float64Array.from(data, value => value + 0)]),
  )
}

function firstStates(entries: RandomProgram['entries'], values = valuesOf): Record<string, Float64Array> {
  const states = Object.values(entries).flatMap(step => step.states)
  return Object.fromEntries(
    states.map(({ attributes, dtype, shape }) => [attributes.name, values(attributes.name, dtype, sizeOf(shape))]),
  )
}

function fedIn(
  step: StepGraph,
  run: Run,
  turn: number,
  index: number,
  values = valuesOf,
): Record<string, Float64Array> {
  const n = run.rows[index]!
  return Object.fromEntries(
    step.inputs.map(node => {
      const { name } = node.attributes
      return [name, values(name, node.dtype, sizeOf(realShape(node, n)), 1 + 10 * turn + index)]
    }),
  )
}

function pick(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(keys.map(key => [key, values[key]!]))
}
