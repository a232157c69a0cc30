/** Programs of whole networks on the WebAssembly device, fed with numbers that are a pure function of the step; results as bits. */
import { keyOf, uniform } from '../../packages/fovea/src/base/random.ts'
import { buildEntries } from '../../packages/fovea/src/engine/entries.testing.ts'
import { initialOptimizerState } from '../../packages/fovea/src/engine/train-entry.ts'
import type { StepGraph } from '../../packages/fovea/src/graph/node.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import type { Model } from '../../packages/fovea/src/network/model.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { type OptimizerName, optimizer } from '../../packages/fovea/src/optimizer/factories.ts'
import type { CompileSettings, Feed, FeedSlots, Program, StepOutputs } from '../../packages/fovea/src/runtime/device.ts'
import { type WasmOptions, wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import type { WasmProgram } from '../../packages/fovea/src/runtime/wasm-program.ts'
import type { NetworkName } from './networks.testing.ts'

export const host = nodeHost()

/** A network, and the algorithm of its convolutions. */
export type Variant = readonly [NetworkName, NonNullable<CompileSettings['algorithm']>]

export interface BuildOptions {
  readonly batch: number
  readonly optimizer?: OptimizerName
  /** Pictures as bytes (default) or floats. */
  readonly floats?: boolean
}

export interface Step {
  readonly model: Model
  readonly entries: Readonly<Record<string, StepGraph>>
  readonly batch: number
  readonly states: Readonly<Record<string, Float32Array>>
  scalars(step: number): Readonly<Record<string, number>>
}

/** All four entries of a network, with its first states. */
export function buildStep(model: Model, { batch, optimizer: name = 'adam', floats = false }: BuildOptions): Step {
  const chosen = optimizer(name)
  const entries = buildEntries(model, {
    batch,
    optimizer: chosen,
    loss: Object.fromEntries(model.outputs.map(output => [output.name, 'sparseCategoricalCrossentropy'])),
    metrics: ['accuracy'],
    gradients: true,
    inputTypes: model.inputs.map(() => (floats ? 'f32' : 'u8')),
  })
  return {
    model,
    entries: { ...entries },
    batch,
    states: { ...initialWeights(model, 5), ...initialOptimizerState(model, chosen) },
    scalars: step => chosen.scalars(step + 1, 0.002),
  }
}

export async function compile(
  step: Step,
  options: CompileSettings & WasmOptions = {},
  write = true,
): Promise<Program & WasmProgram> {
  const { guard, aloneSeconds = 0, ...compileOptions } = options
  const device = wasmDevice(host, { aloneSeconds, ...(guard !== undefined && { guard }) })
  const program = (await device.compile(step.entries, compileOptions)) as Program & WasmProgram
  if (write) await program.writeStates(step.states)
  return program
}

/** Feeds step `first`, `first` + 1 …; the rows beyond n hold what must never be read. */
export function feedFrom(step: Step, first: number, n: number = step.batch): Feed {
  return (index, slots) => {
    fill(step, slots, first + index, n)
    return n
  }
}

function fill(step: Step, slots: FeedSlots, number: number, n: number): void {
  const scalars = step.scalars(number)
  for (const [name, slot] of Object.entries(slots)) {
    if (name === 'randomKey') slot.set([number, 77])
    else if (name.startsWith('scalar:')) slot[0] = scalars[name.slice(7)]!
    else {
      const rows = (slot.length / step.batch) * n
      const key = keyOf(1000 * number + name.length)
      slot.fill(slot instanceof Float32Array ? Number.NaN : slot instanceof Uint8Array ? 255 : 2 ** 31 - 1)
      for (let index = 0; index < rows; index++) slot[index] = numberFor(name, slot, uniform(key, index))
    }
  }
}

function numberFor(name: string, slot: FeedSlots[string], u: number): number {
  if (name.startsWith('weight:')) return 0.5 + u
  if (name.startsWith('target:')) return Math.floor(u * 10)
  return slot instanceof Uint8Array ? Math.floor(u * 256) : 255 * u
}

/** Trains `count` steps (batches of n, number from `first`), then evaluates, predicts and asks for gradients. */
export async function everything(program: Program, step: Step, count: number, { first = 0, n = step.batch } = {}) {
  const trained = await program.run('train', count, feedFrom(step, first, n))
  const outputs: Record<string, StepOutputs[string]> = {}
  for (const [index, each] of trained.entries())
    for (const [name, values] of Object.entries(each)) outputs[`train ${index} ${name}`] = values
  for (const entry of ['evaluate', 'predict', 'gradients']) {
    const [each] = (await program.run(entry, 1, feedFrom(step, 500, n))) as [StepOutputs]
    for (const [name, values] of Object.entries(each)) outputs[`${entry} ${name}`] = values
  }
  for (const [name, values] of Object.entries(await program.readStates())) outputs[`state ${name}`] = values
  return outputs
}

/** What differs in bits, in words; empty when nothing does. NaN anywhere is a difference too. */
export function differences(
  received: Readonly<Record<string, ArrayLike<number>>>,
  expected: Readonly<Record<string, ArrayLike<number>>>,
): string[] {
  const found: string[] = []
  for (const name of new Set([...Object.keys(expected), ...Object.keys(received)])) {
    const [a, b] = [received[name] ?? [], expected[name] ?? []]
    if (a.length !== b.length) found.push(`${name}: ${a.length} numbers instead of ${b.length}`)
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      if (Object.is(a[index], b[index]) && !Number.isNaN(b[index])) continue
      found.push(`${name}[${index}] is ${a[index]} instead of ${b[index]}`)
      break
    }
  }
  return found
}

/** How many numbers a comparison covers. */
export function countOf(outputs: Readonly<Record<string, ArrayLike<number>>>): number {
  return Object.values(outputs).reduce((sum, { length }) => sum + length, 0)
}
