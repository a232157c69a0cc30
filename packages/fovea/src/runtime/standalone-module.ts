/**
 * A prediction as one WebAssembly module that needs nothing: it has its memory, its weights and a description of itself, and imports nothing.
 *
 *     memory         exported; the picture goes into it, the outputs come out of it
 *     start()        once, before the first `classify`: unpacks weights, computes what depends on them alone
 *     classify()     one picture: reads `input_bytes` bytes at `input`, writes `outputs` float32 at `output`
 *     input, input_bytes, output, outputs     constants (i32 globals)
 *     about, about_bytes                      where the description lies: JSON in UTF-8; also the custom section `fovea`
 *     interface_version                       1
 */
import type { StepGraph } from '../graph/node.ts'
import { KernelBuilder } from '../kernels/builder.ts'
import type { KernelCode } from '../kernels/ir.ts'
import { wasm128 } from '../plan/target.ts'
import { Bytes, valueType } from '../targets/wasm/encode.ts'
import {
  type PackedState,
  packedState,
  unpackedState,
  unpackers,
  unpackingsOf,
  type WeightBits,
} from './packed-weights.ts'
import { type AloneProgram, plannedAlone } from './standalone.ts'
import { PAGE } from './wasm/memory.ts'

export const interfaceVersion = 1

export interface ModuleOptions {
  readonly packing: WeightBits
  /** What the module says of itself. */
  readonly about: object
}

/** Of a graph that takes one picture as bytes and gives one output. `states` by name. */
export async function standaloneModule(
  graph: StepGraph,
  states: Readonly<Record<string, ArrayLike<number>>>,
  { packing, about }: ModuleOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { program, emit } = await plannedAlone(graph, states)
  const weights = program.states.map(state => packedState(state, packing))
  const description = new TextEncoder().encode(JSON.stringify(about))
  const layout = placesOf(program, weights, description.length)
  const [input, output] = [program.inputs[0]!, program.outputs[0]!]
  const code = await emit([...unpackingOf(weights), startOf(program, layout), classifyOf(program)])
  return withOwnMemory(code, {
    pages: Math.ceil(layout.end / PAGE),
    constants: {
      input: input.offset,
      input_bytes: input.size,
      output: output.offset,
      outputs: output.size,
      about: layout.about,
      about_bytes: description.length,
      interface_version: interfaceVersion,
    },
    data: [
      { offset: layout.about, bytes: description },
      ...layout.weights.map(({ at, state }) => ({ offset: at, bytes: state.bytes })),
    ],
    description,
  })
}

/** The states as a module with packed weights has them, by name: what its accuracy can be measured with. */
export async function packedStates(
  graph: StepGraph,
  states: Readonly<Record<string, ArrayLike<number>>>,
  packing: WeightBits,
): Promise<Record<string, Float32Array>> {
  const { usual, program } = await plannedAlone(graph, states)
  return usual(program.states.map(state => unpackedState(packedState(state, packing))))
}

interface Layout {
  readonly about: number
  /** Where the bytes of each state lie when the module begins. */
  readonly weights: readonly { readonly at: number; readonly state: PackedState }[]
  readonly end: number
}

/** Behind the program: the description, packed weights. */
function placesOf({ pages }: AloneProgram, states: readonly PackedState[], aboutBytes: number): Layout {
  const aligned = (place: number): number => Math.ceil(place / 16) * 16
  const about = pages * PAGE
  let end = aligned(about + aboutBytes)
  const weights = states.map(state => {
    if (state.packing === 'float32') return { at: state.offset, state }
    const at = end
    end = aligned(end + state.bytes.length)
    return { at, state }
  })
  return { about, weights, end }
}

const unpackingOf = (states: readonly PackedState[]): KernelCode[] =>
  (['float16', 'int8'] as const)
    .filter(packing => states.some(state => state.packing === packing))
    .map(packing => unpackers[packing].code())

const step = { thread: 0, threads: 1, rows: 1 } as const

function startOf(program: AloneProgram, { weights }: Layout): KernelCode {
  const k = new KernelBuilder('start', [], wasm128)
  for (const { at, state } of weights) {
    for (const { name, from, to, end } of unpackingsOf(state, at)) k.call(name, [from, to, end])
  }
  if (program.preparation !== undefined) callStep(k, program.preparation, program)
  return k.finish()
}

function classifyOf(program: AloneProgram): KernelCode {
  const k = new KernelBuilder('classify', [], wasm128)
  callStep(k, program.entry, program)
  return k.finish()
}

function callStep(k: KernelBuilder, name: string, { feed, result, scratch }: AloneProgram): void {
  k.call(name, [step.thread, step.threads, step.rows, feed, result, scratch])
}

interface OwnMemory {
  readonly pages: number
  /** Exported i32 constants. */
  readonly constants: Readonly<Record<string, number>>
  readonly data: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  readonly description: Uint8Array
}

const exported = ['start', 'classify']

/** A module that imported its memory, with one of its own. Source: WebAssembly Core Specification 2.0, 5.5. */
function withOwnMemory(code: Uint8Array, { pages, constants, data, description }: OwnMemory): Uint8Array<ArrayBuffer> {
  const found = sectionsOf(code)
  const out = new Bytes(code.length + data.reduce((sum, { bytes }) => sum + bytes.length + 16, 4096))
  out.raw(code.subarray(0, 8))
  const section = (id: number, write: (bytes: Bytes) => void): void => {
    const bytes = new Bytes(1024)
    write(bytes)
    out.byte(id).block(bytes)
  }
  const keep = (id: number): void => {
    const body = found.get(id)!
    out.byte(id).unsigned(body.length).raw(body)
  }
  section(0, bytes => bytes.name('fovea').raw(description))
  keep(1)
  keep(3)
  section(5, bytes => bytes.unsigned(1).byte(1).unsigned(pages).unsigned(pages))
  // Mutable globals of the program come first: they are numbered.
  const [globals, ownGlobals] = counted(found.get(6)!)
  section(6, bytes => {
    bytes.unsigned(globals + Object.keys(constants).length).raw(ownGlobals)
    for (const value of Object.values(constants)) bytes.byte(valueType.i32, 0, 0x41).signed(value).put(0x0b)
  })
  const functions = exportsOf(found.get(7)!).filter(({ name }) => exported.includes(name))
  section(7, bytes => {
    bytes.unsigned(functions.length + 1 + Object.keys(constants).length)
    for (const { name, index } of functions) bytes.name(name).byte(0).unsigned(index)
    bytes.name('memory').byte(2, 0)
    for (const [index, name] of Object.keys(constants).entries())
      bytes
        .name(name)
        .byte(3)
        .unsigned(globals + index)
  })
  keep(10)
  section(11, bytes => {
    bytes.unsigned(data.length)
    for (const { offset, bytes: content } of data)
      bytes.byte(0, 0x41).signed(offset).put(0x0b).unsigned(content.length).raw(content)
  })
  return out.take()
}

function sectionsOf(code: Uint8Array): Map<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>()
  for (let at = 8; at < code.length; ) {
    const id = code[at]!
    const [length, begin] = unsignedAt(code, at + 1)
    sections.set(id, code.subarray(begin, begin + length))
    at = begin + length
  }
  return sections
}

/** LEB128: the number, and the place behind it. */
function unsignedAt(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0
  for (let at = from, shift = 0; ; at++, shift += 7) {
    value += (bytes[at]! & 127) * 2 ** shift
    if (bytes[at]! < 128) return [value, at + 1]
  }
}

/** A section's number of members, and what follows. */
function counted(section: Uint8Array): [count: number, rest: Uint8Array] {
  const [count, begin] = unsignedAt(section, 0)
  return [count, section.subarray(begin)]
}

/** The functions of a section of exports. */
function exportsOf(section: Uint8Array): { name: string; index: number }[] {
  let [count, at] = unsignedAt(section, 0)
  return Array.from({ length: count }, () => {
    const [length, begin] = unsignedAt(section, at)
    const name = new TextDecoder().decode(section.subarray(begin, begin + length))
    const [index, next] = unsignedAt(section, begin + length + 1)
    at = next
    return { name, index }
  })
}
