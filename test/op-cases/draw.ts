/** Random choices, one after another, that a key repeats. */
import { type RandomKey, uniform } from '../../packages/fovea/src/base/random.ts'

export interface Draw {
  /** A whole number from low to high. */
  whole(low: number, high: number): number
  one<T>(choices: readonly T[]): T
  chance(probability: number): boolean
}

export function drawOf(key: RandomKey): Draw {
  let drawn = 0
  const next = (): number => uniform(key, drawn++)
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    whole,
    one: choices => choices[whole(0, choices.length - 1)]!,
    chance: probability => next() < probability,
  }
}
