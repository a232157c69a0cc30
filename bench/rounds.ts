/**
 * Rounds in which every contestant has its turn, so that a change of the machine's mood meets all of them. Each round begins with
 * another one. Between turns is a pause, in which thread pools that spin go to sleep. Whoever needs many turns' time for one step
 * has two turns in all.
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

const SLOW = 8

/** Milliseconds a step of every round, by contestant. */
export async function interleave(
  contestants: readonly Contestant[],
  { warmUp, rounds, turn, pause, between }: Rounds,
): Promise<ReadonlyMap<Contestant, readonly number[]>> {
  const slow = new Set<Contestant>()
  const times = new Map(contestants.map(contestant => [contestant, [] as number[]]))
  for (let round = -warmUp; round < rounds; round++) {
    for (let place = 0; place < contestants.length; place++) {
      const contestant = contestants[(place + Math.max(0, round)) % contestants.length]!
      if (slow.has(contestant)) continue
      await pause()
      const time = await contestant.run(round < 0 ? turn / 2 : turn)
      const isSlow = time > SLOW * turn
      if (round >= 0 || isSlow) times.get(contestant)!.push(time)
      if (isSlow && times.get(contestant)!.length > 1) slow.add(contestant)
    }
    if (round >= 0) {
      await pause()
      await between?.()
    }
  }
  return times
}
