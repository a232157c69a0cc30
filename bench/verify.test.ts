import { expect, test } from 'vitest'
import type { Device } from '../packages/fovea/src/runtime/device.ts'
import { wasmDevice } from '../packages/fovea/src/runtime/wasm-device.ts'
import { host } from './measure.ts'
import { workloadOf } from './training.ts'
import { verify } from './verify.ts'

test('a right device passes, one that computes something else does not', async () => {
  const workload = workloadOf('fashion-lenet')
  const device = wasmDevice(host)
  await verify(workload, device, host, 1)
  const wrong: Device = {
    name: 'wrong',
    async compile(entries, options) {
      const program = await device.compile(entries, options)
      const { info } = program
      const pass = (name: 'add' | 'readStates' | 'writeStates' | 'dispose') => program[name].bind(program) as never
      return {
        info,
        add: pass('add'),
        readStates: pass('readStates'),
        writeStates: pass('writeStates'),
        dispose: pass('dispose'),
        // One label in ten becomes another one.
        run: (entry, steps, feed) =>
          program.run(entry, steps, (step, slots) => {
            const n = feed(step, slots)
            const target = slots[Object.keys(slots).find(name => name.startsWith('target'))!]!
            target.reverse()
            return n
          }),
      }
    },
  }
  await expect(verify(workload, wrong, host, 1)).rejects.toThrow('wrong results on wrong')
})
