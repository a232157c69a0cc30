/** Op cases on several devices: what differs from the first one in bits. NaN equals NaN whatever its payload; 0 does not equal −0. */
import type { CompileSettings, Device, FeedSlots, Program } from '../../packages/fovea/src/runtime/device.ts'
import { type BuiltCase, buildCase, type OpCase } from '../op-cases/case.ts'
import { rowCounts } from '../op-cases/run-case.ts'

type Values = Readonly<Record<string, ArrayLike<number>>>

/** Faults in words; every one names its case. */
export async function bitFaults(
  devices: readonly Device[],
  cases: readonly OpCase[],
  options: CompileSettings = {},
): Promise<string[]> {
  const built = cases.map(buildCase)
  const entries = Object.fromEntries(cases.map(({ name }, index) => [name, built[index]!.step]))
  const [expected, ...received] = await Promise.all(
    devices.map(async (device, index) => {
      // Threads of WebAssembly have suites of their own.
      const program = await device.compile(entries, index === 0 ? { ...options, threads: 1 } : options)
      try {
        const values: Record<string, ArrayLike<number>> = {}
        for (const [index, { name, batch }] of cases.entries())
          for (const n of rowCounts(batch)) Object.assign(values, await valuesOf(program, name, built[index]!, n))
        return values
      } finally {
        await program.dispose()
      }
    }),
  )
  return received.flatMap((values, index) =>
    otherBits(values, expected!).map(fault => `${devices[index + 1]!.name}: ${fault}`),
  )
}

/** Outputs and states of one step. */
async function valuesOf(program: Program, entry: string, built: BuiltCase, n: number): Promise<Values> {
  const { step, states } = built
  if (step.states.length > 0) await program.writeStates(states)
  const [outputs] = await program.run(entry, 1, (_, slots) => feed(slots, built, n))
  const names = step.updates.map(({ state }) => state.attributes.name)
  const after = names.length > 0 ? await program.readStates(names) : {}
  return Object.fromEntries(
    Object.entries({ ...outputs, ...after }).map(([name, data]) => [`${entry}, ${n} rows, ${name}`, data]),
  )
}

function feed(slots: FeedSlots, { step, inputs }: BuiltCase, n: number): number {
  for (const { attributes, batched } of step.inputs) {
    const values = inputs[attributes.name]!
    slots[attributes.name]!.set(values.slice(0, batched ? (values.length / step.batch) * n : values.length))
  }
  return n
}

export function otherBits(received: Values, expected: Values): string[] {
  return [...new Set([...Object.keys(received), ...Object.keys(expected)])].flatMap(name => {
    const [a, b] = [received[name] ?? [], expected[name] ?? []]
    if (a.length !== b.length) return [`${name}: ${a.length} numbers instead of ${b.length}`]
    const off = Array.from(a).findIndex((value, index) => !Object.is(value, b[index]))
    return off < 0 ? [] : [`${name}[${off}] is ${a[off]} instead of ${b[off]}`]
  })
}
