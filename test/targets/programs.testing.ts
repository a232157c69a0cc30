/**
 * Random programs on targets: fractions are fed, so that the order of every sum shows, and all targets give the bits of WebAssembly. By the
 * way also: plans without faults, memory that nothing writes to, threads in any number.
 */
import { fold, keyOf, uniform } from '../../packages/fovea/src/base/random.ts'
import type { DType } from '../../packages/fovea/src/base/shape.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import type { Target } from '../../packages/fovea/src/plan/target.ts'
import type { CompileSettings, Device } from '../../packages/fovea/src/runtime/device.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { planFaults } from '../plans/plan-checks.testing.ts'
import { type RandomProgram, valuesOf } from '../programs/programs.testing.ts'
import { runScript } from '../programs/runs.testing.ts'
import { fillAllButStates, type PlacedProgram } from '../wasm/memory.testing.ts'
import { otherBits } from './same-bits.testing.ts'
import { interpreterOf } from './targets.testing.ts'

const GUARD = 256

/** −3 … 3 where floats are fed, with all digits that they have. */
function fractions(name: string, dtype: DType, size: number, step = 0): Float64Array {
  if (dtype !== 'f32') return valuesOf(name, dtype, size, step)
  const hash = [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 11)
  const key = fold(keyOf(hash), step)
  return Float64Array.from({ length: size }, (_, index) => Math.fround(6 * uniform(key, index) - 3))
}

type Values = Readonly<Record<string, ArrayLike<number>>>

async function valuesOn(
  device: Device,
  programs: readonly RandomProgram[],
  options: CompileSettings,
  guard: number,
): Promise<{ values: Values; faults: string[] }> {
  const entries = Object.assign({}, ...programs.map(program => program.entries)) as RandomProgram['entries']
  const compiled = (await device.compile(entries, options)) as PlacedProgram
  try {
    const faults = planFaults(compiled.plan)
    const values: Record<string, ArrayLike<number>> = {}
    fillAllButStates(compiled, 0xff)
    for (const program of programs)
      Object.assign(values, await runScript(compiled, program, { guard, faults, values: fractions }))
    return { values, faults: faults.map(fault => `${device.name}: ${fault}`) }
  } finally {
    await compiled.dispose()
  }
}

/** What is wrong on the targets, in words; and the share of numbers that are finite, without which nothing is compared. */
export async function targetFaults(
  programs: readonly RandomProgram[],
  targets: readonly Target[],
  options: CompileSettings,
): Promise<{ faults: string[]; finite: number }> {
  const expected = await valuesOn(wasmDevice(nodeHost()), programs, { ...options, threads: 1 }, 0)
  const faults = [...expected.faults]
  for (const [index, target] of targets.entries()) {
    // Every other target leaves room behind its buffers and looks whether something was written there.
    const guard = index % 2 === 0 ? GUARD : 0
    const device = interpreterOf(target, { guard })
    const found = await valuesOn(device, programs, { ...options, threads: 1 + (index % 3) }, guard)
    faults.push(...found.faults, ...otherBits(found.values, expected.values).map(fault => `${target.name}: ${fault}`))
  }
  const all = Object.values(expected.values).flatMap(values => Array.from(values))
  return { faults, finite: all.filter(Number.isFinite).length / all.length }
}
