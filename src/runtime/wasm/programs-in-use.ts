/**
 * Counts the programs that hold memory and workers. One that was forgotten (nothing reaches it any more, and `dispose` was not called)
 * gives its workers back when the garbage collector finds it; its memory goes with them. Nothing here keeps a program alive: the
 * registry holds its threads, and threads do not know their program. A program in the middle of a run is reached by that run.
 */
import type { Threads } from './threads.ts'

let count = 0

const forgotten = new FinalizationRegistry<Threads>(threads => {
  count--
  void threads.dispose()
})

/** From here on the program is in use. */
export function programStarted(program: object, threads: Threads): void {
  count++
  forgotten.register(program, threads, program)
}

/** The program was disposed of; a second time counts for nothing. */
export function programEnded(program: object): void {
  if (forgotten.unregister(program)) count--
}

/** How many programs hold memory now. */
export const programsInUse = (): number => count
