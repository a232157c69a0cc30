/** A device that wraps another and records which entries are compiled, and how many steps of each are run in a call. */
import type { Device, Program } from '../runtime/device.ts'

export interface Recording {
  readonly device: Device
  /** Names, in order; an entry that is compiled again is there twice. */
  readonly compiled: readonly string[]
  readonly runs: readonly { readonly entry: string; readonly steps: number; readonly rows: readonly number[] }[]
}

export function recording(device: Device): Recording {
  const compiled: string[] = []
  const runs: { entry: string; steps: number; rows: number[] }[] = []
  const wrapped = (program: Program): Program => ({
    get info() {
      return program.info
    },
    add(entries) {
      compiled.push(...Object.keys(entries))
      return program.add(entries)
    },
    run(entry, steps, feed) {
      const rows: number[] = []
      runs.push({ entry, steps, rows })
      return program.run(entry, steps, async (step, slots) => {
        const n = await feed(step, slots)
        rows.push(n)
        return n
      })
    },
    readStates: names => program.readStates(names),
    writeStates: values => program.writeStates(values),
    dispose: () => program.dispose(),
  })
  return {
    compiled,
    runs,
    device: {
      name: device.name,
      async compile(entries, options) {
        compiled.push(...Object.keys(entries))
        return wrapped(await device.compile(entries, options))
      },
    },
  }
}
