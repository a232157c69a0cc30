/**
 * Counts the programs that hold memory and workers. One that was forgotten (nothing reaches it any more, and `dispose` was not called)
 * gives its workers back when the garbage collector finds it; its memory goes with them. Nothing here keeps a program alive: the
 * registry holds its threads, and threads do not know their program. A program in the middle of a run is reached by that run.
 *
 * An engine collects when much was allocated, and counts neither workers nor memory that threads share: to it a program is a
 * few kilobytes, and hundreds may be forgotten before it looks. So each program holds a plain buffer as large as what it costs. Nobody
 * writes to it, so the system gives it addresses and no memory. 120 forgotten models of two threads held 1.7 GB without, 0.2 with it.
 */
import type { Threads } from './threads.ts'

/** What a worker holds with its engine, in Node (measured: 7 MB). */
const WORKER_BYTES = 2 ** 23
/** So much lets V8 collect at once; more would only use up addresses. */
const MOST_BYTES = 2 ** 26

let count = 0

const ballast = new WeakMap<object, ArrayBuffer>()

const forgotten = new FinalizationRegistry<Pick<Threads, 'dispose'>>(threads => {
  count--
  void threads.dispose()
})

/** From here on the program is in use, with so many workers and bytes of memory. */
export function programStarted(
  program: object,
  threads: Pick<Threads, 'dispose'>,
  workers: number,
  bytes: number,
): void {
  count++
  forgotten.register(program, threads, program)
  try {
    ballast.set(program, new ArrayBuffer(Math.min(workers * WORKER_BYTES + bytes, MOST_BYTES)))
  } catch {
    // There are no addresses left for what is only a hint.
  }
}

/** The program was disposed of; a second time counts for nothing. */
export function programEnded(program: object): void {
  if (forgotten.unregister(program)) count--
  ballast.delete(program)
}

/** How many programs hold memory now. */
export const programsInUse = (): number => count
