/**
 * Random numbers that are the same on every run, so that an example prints today what it printed when it was written.
 * In: a seed. Out: a function that gives the next number from 0 to 1. (The generator is "mulberry32" by Tommy Ettinger.)
 */
export function randomNumbers(/** @type {number} */ seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
