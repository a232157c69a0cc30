/**
 * Numbers from Beta(α, α), of uniform numbers in (0, 1), with our own exp and log, so the same everywhere. For α ≤ 1 by Jöhnk (1964):
 * x = u^(1/α), y = v^(1/α) are taken where x + y ≤ 1, and give x / (x + y); in logarithms, since x and y may be too small for a
 * double. Above by Cheng (1978), algorithm BA.
 */
import { exp, log } from './math.ts'

/** `next` gives another uniform number in (0, 1) with each call. */
export function betaRandom(next: () => number, alpha: number): number {
  for (;;) {
    const [u, v] = [next(), next()]
    const drawn = alpha > 1 ? cheng(u, v, alpha) : joehnk(u, v, alpha)
    if (drawn !== undefined) return drawn
  }
}

function joehnk(u: number, v: number, alpha: number): number | undefined {
  const [x, y] = [log(u) / alpha, log(v) / alpha]
  return exp(x) + exp(y) <= 1 ? 1 / (1 + exp(y - x)) : undefined
}

function cheng(u: number, v: number, alpha: number): number | undefined {
  const logit = log(u / (1 - u)) / Math.sqrt(alpha)
  const w = alpha * exp(logit)
  const bound = 2 * alpha * log((2 * alpha) / (alpha + w)) + (alpha + Math.sqrt(alpha)) * logit - log(4)
  return bound >= log(u * u * v) ? w / (alpha + w) : undefined
}
