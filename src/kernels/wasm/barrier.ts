/**
 * A barrier of the step's threads in shared memory: the last to arrive opens it. Waiters spin for some microseconds (phases are
 * short), then sleep with a time-out, so that a lost wake-up costs a tenth of a second, not the run. A thread that failed sets the
 * abort word; the others trap instead of waiting for it.
 */
import { Bytes, valueType, type WasmFunction } from './encode.ts'

/** Byte addresses, each in a cache line of its own. */
export const control = { arrived: 64, generation: 128, abort: 192, end: 256 } as const

const SPINS = 4000
const SLEEP_NANOSECONDS = 100_000_000

const atomic = { notify: 0x00, wait32: 0x01, load: 0x10, store: 0x17, add: 0x1e } as const

export function barrierFunction(shared: boolean): WasmFunction {
  const code = new Bytes()
  const [threads, generation, spins] = [0, 1, 2]
  const get = (local: number): Bytes => code.byte(0x20).unsigned(local)
  const constant = (value: number): Bytes => code.byte(0x41).signed(value)
  const access = (operation: number, address: number): Bytes => code.byte(0xfe, operation, 2).unsigned(address)
  const load = (address: number): void => {
    constant(0)
    access(atomic.load, address)
  }
  const opened = (): void => {
    load(control.generation)
    get(generation)
    code.byte(0x47, 0x04, 0x40, 0x0f, 0x0b)
    load(control.abort)
    code.byte(0x04, 0x40, 0x00, 0x0b)
  }
  if (shared) {
    // One thread has nobody to wait for.
    get(threads)
    constant(1)
    code.byte(0x46, 0x04, 0x40, 0x0f, 0x0b)
    load(control.generation)
    code.byte(0x21).unsigned(generation)
    // arrived++ == threads − 1: reset the count, open, wake.
    constant(0)
    constant(1)
    access(atomic.add, control.arrived)
    get(threads)
    constant(1)
    code.byte(0x6b, 0x46, 0x04, 0x40)
    constant(0)
    constant(0)
    access(atomic.store, control.arrived)
    constant(0)
    get(generation)
    constant(1)
    code.byte(0x6a)
    access(atomic.store, control.generation)
    constant(0)
    constant(-1)
    access(atomic.notify, control.generation)
    code.byte(0x1a, 0x0f, 0x0b)
    // Spin.
    constant(SPINS)
    code.byte(0x21).unsigned(spins)
    code.byte(0x03, 0x40)
    opened()
    get(spins)
    constant(1)
    code.byte(0x6b, 0x22).unsigned(spins)
    code.byte(0x0d, 0x00, 0x0b)
    // Sleep.
    code.byte(0x03, 0x40)
    constant(0)
    get(generation)
    code.byte(0x42).signed(SLEEP_NANOSECONDS)
    access(atomic.wait32, control.generation)
    code.byte(0x1a)
    opened()
    code.byte(0x0c, 0x00, 0x0b)
  }
  return { name: 'barrier', parameters: 1, exported: false, locals: [valueType.i32, valueType.i32], code }
}
