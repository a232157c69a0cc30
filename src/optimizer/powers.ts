/** Whole powers by repeated squaring: the same bits on every engine, which `Math.pow` does not promise. */

/** baseᵉ for a whole e ≥ 0. */
export function integerPower(base: number, exponent: number): number {
  let result = 1
  let factor = base
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= factor
    factor *= factor
  }
  return result
}
