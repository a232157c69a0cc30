/** Histories as nobody writes them on purpose: any mixture of what was measured, what was not, what is not a number, and columns that end early. */
import type { Curves, CurveValues } from './curves.ts'

/** A number from 0 to 1 for each call, the same ones for the same seed. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

const odd = [undefined, undefined, Number.NaN, Infinity, -Infinity, 0, -1, 1e-300, 1e99, -1e200, 1e308, -1e308, 1e-12]

/** Any history. Some have no odd value, some hardly another. */
export function oddCurves(roll: () => number): Curves {
  const epochs = Array.from({ length: 1 + Math.floor(roll() * 14) }, (_, index) => index)
  const column = (oddness: number): CurveValues => {
    const [scale, pace, jitter] = [roll() * 3, roll() - 0.3, roll() * roll()]
    const length = roll() < 0.7 ? epochs.length : Math.floor(roll() * epochs.length)
    return epochs.slice(0, length).map(epoch => {
      if (roll() < oddness) return odd[Math.floor(roll() * odd.length)]
      return Math.abs(scale * Math.exp(-pace * epoch) + jitter * (roll() - 0.5))
    })
  }
  const oddness = roll() < 0.3 ? 0 : roll() * roll()
  const loss = column(oddness)
  // A history without any loss is none.
  const first = loss.some(value => value !== undefined) ? loss : [1, ...loss.slice(1)]
  return {
    epochs,
    loss: first,
    ...(roll() < 0.7 && { accuracy: column(oddness) }),
    ...(roll() < 0.7 && { valLoss: column(oddness) }),
    ...(roll() < 0.7 && { valAccuracy: column(oddness) }),
  }
}
