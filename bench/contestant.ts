/** Whoever takes part in a measurement: ours on a number of threads, or a peer. */

export interface Contestant {
  readonly name: string
  /** How it runs, where that was chosen: `channels_last`. */
  readonly about?: string
  /** What its memory grows by for this work, where that is known. */
  readonly memoryBytes?: number
  /** Works for about this long; gives milliseconds a step, on average. */
  run(ms: number): Promise<number>
  close(): Promise<void>
}

/** Steps that fill `ms`, from what the last ones took. */
export function stepsIn(ms: number, msPerStep: number): number {
  return Math.max(1, Math.min(100_000, Math.round(ms / Math.max(msPerStep, 1e-4))))
}

/** A contestant that repeats `work(steps)`, which gives nothing; its first run is a trial of one step, then longer ones. */
export function repeated(
  name: string,
  now: () => number,
  work: (steps: number) => Promise<void>,
  close: () => Promise<void>,
): Contestant {
  let last: number | undefined
  return {
    name,
    async run(ms) {
      const steps = last === undefined ? 1 : stepsIn(ms, last)
      const started = now()
      await work(steps)
      last = (now() - started) / steps
      return last
    },
    close,
  }
}
