/**
 * Rounds in which every contestant has its turn, so that a change of the machine's mood meets all of them. Each round begins with
 * another one. Between turns is a pause, in which thread pools that spin go to sleep.
 */
import type { Contestant } from './contestant.ts'

export interface Rounds {
  readonly warmUp: number
  readonly rounds: number
  /** Milliseconds of a turn. */
  readonly turn: number
  readonly pause: () => Promise<void>
  /** Done once a round: the calibration. */
  readonly between?: () => Promise<void>
}

/** Milliseconds a step of every round, by contestant. */
export async function interleave(
  contestants: readonly Contestant[],
  { warmUp, rounds, turn, pause, between }: Rounds,
): Promise<ReadonlyMap<Contestant, readonly number[]>> {
  const times = new Map(contestants.map(contestant => [contestant, [] as number[]]))
  for (let round = -warmUp; round < rounds; round++) {
    for (let place = 0; place < contestants.length; place++) {
      const contestant = contestants[(place + Math.max(0, round)) % contestants.length]!
      await pause()
      const time = await contestant.run(round < 0 ? turn / 2 : turn)
      if (round >= 0) times.get(contestant)!.push(time)
    }
    if (round >= 0) {
      await pause()
      await between?.()
    }
  }
  return times
}
