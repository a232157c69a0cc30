/** Random numbers that repeat: a case is (format, seed, number), and nothing else. Source: the mixing of SplitMix32 (Steele, Lea, Flood, 2014). */

export class Draws {
  #state: number

  constructor(...seeds: readonly number[]) {
    this.#state = seeds.reduce((state, seed) => mixed(state ^ seed), 0x9e3779b9)
  }

  /** From 0 to 1, without 1. */
  unit(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return (mixed(this.#state) >>> 0) / 2 ** 32
  }

  /** A whole number below. */
  below(count: number): number {
    return Math.floor(this.unit() * count)
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** True once in so many times. */
  once(of: number): boolean {
    return this.below(of) === 0
  }
}

function mixed(state: number): number {
  let z = state
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return z ^ (z >>> 15)
}
