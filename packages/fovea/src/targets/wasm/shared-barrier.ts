/**
 * A barrier of the step's threads in shared memory: the last to arrive opens it. Waiters spin (a wait is mostly shorter than waking up
 * takes), then sleep with a time-out, so that a lost wake-up costs a tenth of a second, not the run. Every spin in vain halves the
 * next one and every other doubles it: with more threads than cores a thread soon makes room for the one it waits for. A thread that
 * failed sets the abort word; the others trap instead of waiting for it.
 */
import { barrierOf, control } from './barrier.ts'
import { Bytes, type WasmFunction } from './encode.ts'

/** Turns of a loop of two loads, less than a nanosecond each: 0.2 ms, two to four times what a sleep costs. */
const MOST_SPINS = 1 << 18
/** The least is MOST_SPINS >> MOST_HALVINGS. */
const MOST_HALVINGS = 6
const SLEEP_NANOSECONDS = 100_000_000

const atomic = { notify: 0x00, wait32: 0x01, load: 0x10, store: 0x17, add: 0x1e } as const

/** `halvings`: the index of a global, one to each thread, in which the barrier counts them. */
export function barrierFunction(halvings: number): WasmFunction {
  const code = new Bytes()
  const [threads, generation, spins] = [0, 1, 2]
  const get = (local: number): Bytes => code.byte(0x20).unsigned(local)
  const set = (local: number): Bytes => code.byte(0x21).unsigned(local)
  const constant = (value: number): Bytes => code.byte(0x41).signed(value)
  const access = (operation: number, address: number): Bytes => code.byte(0xfe, operation, 2).unsigned(address)
  const load = (address: number): void => {
    constant(0)
    access(atomic.load, address)
  }
  /** If the value on the stack is not 0. */
  const when = (then: () => void): void => {
    code.byte(0x04, 0x40)
    then()
    code.byte(0x0b)
  }
  const leave = (): Bytes => code.byte(0x0f)
  const isOpen = (): void => {
    load(control.generation)
    get(generation)
    code.byte(0x47)
  }
  const trapIfAborted = (): void => {
    load(control.abort)
    when(() => code.byte(0x00))
  }
  /** halvings += step unless halvings == limit. */
  const adjust = (step: number, limit: number): void => {
    code.byte(0x23).unsigned(halvings)
    constant(limit)
    code.byte(0x47)
    when(() => {
      code.byte(0x23).unsigned(halvings)
      constant(step)
      code.byte(0x6a, 0x24).unsigned(halvings)
    })
  }
  // One thread has nobody to wait for.
  get(threads)
  constant(1)
  code.byte(0x46)
  when(leave)
  load(control.generation)
  set(generation)
  // arrived++ == threads − 1: reset the count, open, wake.
  constant(0)
  constant(1)
  access(atomic.add, control.arrived)
  get(threads)
  constant(1)
  code.byte(0x6b, 0x46)
  when(() => {
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
    code.byte(0x1a)
    leave()
  })
  // Spin: MOST_SPINS >> halvings times.
  constant(MOST_SPINS)
  code.byte(0x23).unsigned(halvings)
  code.byte(0x76)
  set(spins)
  code.byte(0x03, 0x40)
  isOpen()
  when(() => {
    adjust(-1, 0)
    leave()
  })
  trapIfAborted()
  get(spins)
  constant(1)
  code.byte(0x6b, 0x22).unsigned(spins)
  code.byte(0x0d, 0x00, 0x0b)
  adjust(1, MOST_HALVINGS)
  // Sleep.
  code.byte(0x03, 0x40)
  constant(0)
  get(generation)
  code.byte(0x42).signed(SLEEP_NANOSECONDS)
  access(atomic.wait32, control.generation)
  code.byte(0x1a)
  isOpen()
  when(leave)
  trapIfAborted()
  code.byte(0x0c, 0x00, 0x0b)
  return barrierOf(code.take())
}
