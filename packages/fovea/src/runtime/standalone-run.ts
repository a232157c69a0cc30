/** Runs a standalone program, on the caller's thread, in any engine that has WebAssembly SIMD. */
import type { NumericArray } from '../base/shape.ts'
import type { StandaloneProgram } from './standalone.ts'
import { checkEngine, compiledModule } from './wasm/engine-features.ts'
import { viewOf } from './wasm/memory.ts'
import { singleThread } from './wasm/threads.ts'

/** Takes each input's elements and gives each output's, in the program's order. One call at a time. */
export type StandaloneRun = (...inputs: readonly ArrayLike<number>[]) => Promise<NumericArray[]>

export async function startStandalone(program: StandaloneProgram): Promise<StandaloneRun> {
  await checkEngine()
  const { pages, feed, result, scratch, entry, preparation } = program
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  for (const { offset, values } of program.states) new Float32Array(memory.buffer, offset, values.length).set(values)
  const thread = singleThread(memory, () => 0)
  await thread.load(await compiledModule(program.code), { start: scratch, stride: 0 })
  const run = (name: string): Promise<void> =>
    thread.run({ entry: name, rows: [1], feed, feedStride: 0, result, resultStride: 0 })
  if (preparation !== undefined) await run(preparation)
  return async (...inputs) => {
    for (const [index, place] of program.inputs.entries()) viewOf(memory.buffer, place).set(inputs[index]!)
    await run(entry)
    return program.outputs.map(place => viewOf(memory.buffer, place).slice())
  }
}
