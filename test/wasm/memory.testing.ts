/** The memory of a planned program from outside: what is not a number of any buffer, for patterns and NaN. */
import { bytesOf } from '../../packages/fovea/src/base/shape.ts'
import { byteSize, elementsOf } from '../../packages/fovea/src/plan/memory.ts'
import type { Buffer, Plan } from '../../packages/fovea/src/plan/types.ts'
import type { Program } from '../../packages/fovea/src/runtime/device.ts'
import type { WasmProgram } from '../../packages/fovea/src/runtime/wasm-program.ts'

/** A program that shows where everything lies, and the bytes themselves. */
export type PlacedProgram = Program & Pick<WasmProgram, 'plan' | 'bytes'>

export interface Region {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** Bytes that no run of the entry may write: behind every buffer and behind every thread's scratch memory. */
export function forbidden({ plan: program, info }: PlacedProgram, entry: Plan, guard: number): Region[] {
  const behind = (buffer: Buffer, base: number): Region => ({
    name: `behind ${buffer.space} ${buffer.name}`,
    start: base + buffer.offset + elementsOf(buffer) * bytesOf[buffer.dtype],
    end: base + buffer.offset + byteSize(program.target, buffer, guard),
  })
  const slots = Array.from({ length: program.slots }, (_, slot) => slot)
  const inSpace = (space: Buffer['space']): Buffer[] => entry.buffers.filter(buffer => buffer.space === space)
  return [
    { name: 'before the first buffer', start: 0, end: 64 },
    ...[...program.states.values()].map(({ buffer }) => behind(buffer, 0)),
    ...slots.flatMap(slot =>
      inSpace('feed').map(buffer => behind(buffer, program.feedStart + slot * program.feedStride)),
    ),
    ...slots.flatMap(slot =>
      inSpace('result').map(buffer => behind(buffer, program.resultStart + slot * program.resultStride)),
    ),
    // What is prepared lies with the states.
    ...[...inSpace('arena'), ...inSpace('state')].map(buffer => behind(buffer, 0)),
    ...Array.from({ length: info.threads }, (_, thread) =>
      inSpace('slice').map(buffer => behind(buffer, program.scratchStart + thread * program.scratchStride)),
    ).flat(),
    ...Array.from({ length: info.threads }, (_, thread) => ({
      name: `behind the scratch memory of thread ${thread}`,
      start: program.scratchStart + thread * program.scratchStride + entry.scratchBytes,
      end: program.scratchStart + (thread + 1) * program.scratchStride,
    })),
  ]
}

const pattern = 0xa5

export function paint(program: PlacedProgram, regions: readonly Region[]): void {
  const bytes = new Uint8Array(program.bytes)
  for (const { start, end } of regions) bytes.fill(pattern, start, end)
}

/** Names of the regions where the pattern is broken. */
export function broken(program: PlacedProgram, regions: readonly Region[]): string[] {
  const bytes = new Uint8Array(program.bytes)
  return regions.flatMap(({ name, start, end }) => {
    let at = start
    while (at < end && bytes[at] === pattern) at++
    return at < end ? [`${name}: byte ${at - start} of ${end - start}`] : []
  })
}

/** Writes `byte` wherever no state is: feeds, results, arena, scratch and the gaps between states. 0xff makes NaN of floats. */
export function fillAllButStates(program: PlacedProgram, byte: number): void {
  const bytes = new Uint8Array(program.bytes)
  for (const { buffer } of program.plan.states.values()) {
    bytes.fill(
      byte,
      buffer.offset + buffer.size * bytesOf[buffer.dtype],
      buffer.offset + byteSize(program.plan.target, buffer, 0),
    )
  }
  bytes.fill(byte, program.plan.feedStart)
}
