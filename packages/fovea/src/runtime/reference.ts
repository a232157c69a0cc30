/**
 * The reference device: every step by the float64 oracle, states in double. Slow, exact, and independent of plan and kernels:
 * what other devices are compared with, and what small models can be tried on without compiling.
 */
import { InternalError, UserError } from '../base/errors.ts'
import { type NumericArray, sizeOf } from '../base/shape.ts'
import type { NodeOf, StepGraph } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { verify } from '../graph/verify.ts'
import type { Device, Feed, Program, StepOutputs } from './device.ts'
import { checkStateSize } from './state-size.ts'

/** What a fed value lies in: doubles for floats. */
const slotOf: { readonly [T in NodeOf<'input'>['dtype']]: (size: number) => NumericArray } = {
  f32: size => new Float64Array(size),
  i32: size => new Int32Array(size),
  u8: size => new Uint8Array(size),
}

/**
 * A slow device in double precision, by plain loops: to compare with.
 * @param options.round applied to every element of every float node (`Math.fround`: what float32 storage alone does).
 */
export function referenceDevice(options: { readonly round?: (value: number) => number } = {}): Device {
  return {
    name: 'reference',
    async compile(entries) {
      for (const graph of Object.values(entries)) verify(graph)
      return referenceProgram(entries, options)
    },
  }
}

function referenceProgram(
  first: Readonly<Record<string, StepGraph>>,
  options: { readonly round?: (value: number) => number },
): Program {
  let entries = first
  let states = initialStates(entries)
  let disposed = false
  let slots = slotsOf(entries)
  const alive = (): void => {
    if (disposed) throw new UserError({ what: 'The program was disposed of.', fix: 'compile the model again' })
  }

  return {
    get info() {
      const fed = [...slots.values()].reduce((sum, s) => sum + bytesOf(Object.values(s)), 0)
      const memoryBytes = bytesOf(Object.values(states)) + fed
      return { device: 'reference', threads: 1, compileSeconds: 0, memoryBytes, codeBytes: 0 }
    },
    async add(added) {
      alive()
      for (const graph of Object.values(added)) verify(graph)
      entries = { ...entries, ...added }
      states = { ...initialStates(entries), ...states }
      slots = slotsOf(entries)
    },
    async run(entry: string, steps: number, feed: Feed): Promise<StepOutputs[]> {
      alive()
      const graph = entries[entry]
      if (!graph) throw unknown('entry', entry, Object.keys(entries))
      const outputs: StepOutputs[] = []
      for (let step = 0; step < steps; step++) {
        const inputs = slots.get(graph)!
        const fed = feed(step, inputs)
        const n = typeof fed === 'number' ? fed : await fed
        const result = evaluateGraph(graph, { inputs, states, n }, options)
        states = { ...states, ...result.updates }
        outputs.push(result.outputs)
      }
      return outputs
    },
    async readStates(names = Object.keys(states)) {
      alive()
      return Object.fromEntries(
        names.map(name => {
          if (!states[name]) throw unknown('state', name, Object.keys(states))
          return [name, states[name].slice()]
        }),
      )
    },
    async writeStates(values) {
      alive()
      const written: Record<string, Float64Array> = {}
      for (const [name, value] of Object.entries(values)) {
        const state = states[name]
        if (!state) throw unknown('state', name, Object.keys(states))
        checkStateSize(name, state.length, value)
        written[name] = Float64Array.from(value)
      }
      states = { ...states, ...written }
    },
    async dispose() {
      disposed = true
      states = {}
      slots = new Map()
    },
  }
}

/** Places to be filled, of every entry. */
function slotsOf(entries: Readonly<Record<string, StepGraph>>): ReadonlyMap<StepGraph, Record<string, NumericArray>> {
  return new Map(
    Object.values(entries).map(graph => [
      graph,
      Object.fromEntries(graph.inputs.map(input => [input.attributes.name, slotOf[input.dtype](sizeOf(input.shape))])),
    ]),
  )
}

/** All states of all entries, zero at first; the same name is the same state. */
function initialStates(entries: Readonly<Record<string, StepGraph>>): Record<string, Float64Array> {
  const states: Record<string, Float64Array> = {}
  for (const [entry, graph] of Object.entries(entries)) {
    for (const state of graph.states) {
      const size = sizeOf(state.shape)
      const known = states[state.attributes.name]
      if (known && known.length !== size) {
        throw new InternalError('reference', `state '${state.attributes.name}' has another size in entry '${entry}'`)
      }
      states[state.attributes.name] = known ?? new Float64Array(size)
    }
  }
  return states
}

function bytesOf(arrays: readonly NumericArray[]): number {
  return arrays.reduce((sum, array) => sum + array.byteLength, 0)
}

function unknown(what: string, name: string, names: readonly string[]): UserError {
  return new UserError({ what: `The program has no ${what} '${name}'.`, expected: names.join(', '), received: name })
}
