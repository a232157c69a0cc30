/**
 * exp, expm1, log, sin, cos, tanh and pow with the same bits on every engine: the language leaves the last bits of Math.exp and
 * its kin to the engine, and a seed must give the same weights everywhere. Only + − · /, floor and square root are used, which
 * IEEE 754 fixes. Reductions and polynomials are those of Sun's fdlibm (1993); errors are below 1 unit in the last place
 * (tanh 2, pow: see there).
 */
import { InternalError } from './errors.ts'

const { LOG2E, abs, floor, sqrt } = Math
const {
  NEGATIVE_INFINITY: minusInfinity,
  NaN: notANumber,
  POSITIVE_INFINITY: infinity,
  isFinite: isFiniteNumber,
  isInteger,
  isNaN: isNotANumber,
} = Number

const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
const inverseLn2 = LOG2E

/** 2ᵏ for k from −1074 to 1023, by exact doubling and halving. */
const powersOfTwo = new Float64Array(2098)
powersOfTwo[1074] = 1
for (let k = 1; k <= 1023; k++) powersOfTwo[1074 + k] = 2 * powersOfTwo[1073 + k]!
for (let k = 1; k <= 1074; k++) powersOfTwo[1074 - k] = powersOfTwo[1075 - k]! / 2

const word = new DataView(new ArrayBuffer(8))

/** y · 2ᵏ; in two steps where 2ᵏ itself is out of range. */
function scale(y: number, k: number): number {
  if (k > 1023) return y * powersOfTwo[1074 + 1023]! * powersOfTwo[1074 + k - 1023]!
  if (k < -1022) return y * powersOfTwo[1074 + k + 120]! * powersOfTwo[1074 - 120]!
  return y * powersOfTwo[1074 + k]!
}

export function exp(x: number): number {
  if (x > 709.782712893384) return infinity
  if (x < -745.1332191019411) return 0
  if (isNotANumber(x)) return x
  // x = k ln 2 + r, |r| ≤ ½ ln 2; exp r = 1 + 2r / (R − r) with R = 2 + P(r²), the Remez fit of r coth(r/2).
  const k = floor(x * inverseLn2 + 0.5)
  const high = x - k * ln2High
  const low = k * ln2Low
  const r = high - low
  const t = r * r
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))))
  return scale(1 - (low - (r * c) / (2 - c) - high), k)
}

/** exp(x) − 1 without losing digits near 0. */
export function expm1(x: number): number {
  if (x > 709.782712893384) return infinity
  if (x < -40) return -1
  if (isNotANumber(x)) return x
  const k = abs(x) < 0.34657359027997264 ? 0 : floor(x * inverseLn2 + 0.5)
  const high = x - k * ln2High
  const low = k * ln2Low
  const r = high - low
  const lost = high - r - low
  const half = 0.5 * r
  const square = r * half
  const p =
    1 +
    square *
      (-0.03333333333333313 +
        square *
          (0.0015873015872548146 +
            square * (-7.93650757867488e-5 + square * (4.008217827329362e-6 + square * -2.0109921818362437e-7))))
  const t = 3 - p * half
  let e = square * ((p - t) / (6 - r * t))
  if (k === 0) return r - (r * e - square)
  e = r * (e - lost) - lost - square
  if (k === -1) return 0.5 * (r - e) - 0.5
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e)
  if (k <= -2 || k > 56) return scale(1 - (e - r), k) - 1
  const inverse = powersOfTwo[1074 - k]!
  return k < 20 ? scale(1 - inverse - (e - r), k) : scale(r - (e + inverse) + 1, k)
}

export function log(x: number): number {
  if (x === 0) return minusInfinity
  if (!(x > 0)) return notANumber
  if (x === infinity) return x
  // x = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2; log(1 + f) = f − f²/2 + s (f²/2 + R(s²)), s = f / (2 + f).
  let k = 0
  let scaled = x
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984 // 2⁵⁴: out of the denormals
    k = -54
  }
  word.setFloat64(0, scaled)
  const high = word.getUint32(0)
  k += (high >>> 20) - 1023
  const fraction = high & 0xfffff
  const above = fraction > 0x6a09e ? 1 : 0 // above √2: halve
  k += above
  word.setUint32(0, fraction | ((1023 - above) << 20))
  const f = word.getFloat64(0) - 1
  const s = f / (2 + f)
  const z = s * s
  const r =
    z *
    (0.6666666666666735 +
      z *
        (0.3999999999940942 +
          z *
            (0.2857142874366239 +
              z *
                (0.22222198432149784 +
                  z * (0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586))))))
  const halfSquare = 0.5 * f * f
  return k * ln2High - (halfSquare - (s * (halfSquare + r) + k * ln2Low) - f)
}

export function sin(x: number): number {
  const [quadrant, high, low] = reduceAngle(x)
  const value = quadrant & 1 ? cosNearZero(high, low) : sinNearZero(high, low)
  return quadrant & 2 ? -value : value
}

export function cos(x: number): number {
  const [quadrant, high, low] = reduceAngle(x)
  const value = quadrant & 1 ? sinNearZero(high, low) : cosNearZero(high, low)
  return quadrant === 1 || quadrant === 2 ? -value : value
}

export function tanh(x: number): number {
  const size = abs(x)
  if (size > 22) return x > 0 ? 1 : -1
  const value = size >= 1 ? 1 - 2 / (expm1(2 * size) + 2) : ratio(expm1(-2 * size))
  return x < 0 ? -value : value
}

const ratio = (t: number): number => -t / (t + 2)

/**
 * base to the power of exponent. Whole exponents: repeated squaring in doubled precision, correct to 1 unit in the last place;
 * ½: the square root; others: exp(exponent · log base), relative error (|exponent · log base| + 2) · 2⁻⁵², base ≥ 0.
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0.5) return sqrt(base)
  if (isInteger(exponent) && abs(exponent) <= 2 ** 31) return integerPower(base, exponent)
  if (base === 0) return exponent > 0 ? 0 : infinity
  return exp(exponent * log(base))
}

function integerPower(base: number, exponent: number): number {
  let resultHigh = 1
  let resultLow = 0
  let high = base
  let low = 0
  for (let rest = abs(exponent); ; ) {
    if (rest % 2 === 1) [resultHigh, resultLow] = multiply(resultHigh, resultLow, high, low)
    rest = floor(rest / 2)
    if (rest === 0) break
    ;[high, low] = multiply(high, low, high, low)
  }
  if (exponent >= 0) return resultHigh + resultLow
  const inverse = 1 / resultHigh
  if (!isFiniteNumber(inverse) || inverse === 0) return inverse
  const [product, rest] = multiply(inverse, 0, resultHigh, resultLow)
  return inverse + inverse * (1 - product - rest)
}

/** Product of two unevaluated sums high + low (Dekker 1971). Overflow gives infinity, as a plain product would. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): [number, number] {
  const product = aHigh * bHigh
  const [a1, a2] = split(aHigh)
  const [b1, b2] = split(bHigh)
  const error = a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2) + (aHigh * bLow + aLow * bHigh)
  const high = product + error
  return isFiniteNumber(product) && isFiniteNumber(error) ? [high, product - high + error] : [product, 0]
}

/** Two halves of 26 bits. */
function split(x: number): [number, number] {
  const scaled = 134217729 * x
  const high = scaled - (scaled - x)
  return [high, x - high]
}

/** x = quadrant · π/2 + high + low (π/2 in three parts: Cody and Waite), quadrant 0 … 3. */
function reduceAngle(x: number): [number, number, number] {
  if (!(abs(x) <= 1e6)) throw new InternalError('base/math', `angle ${x} outside ±10⁶`)
  const turns = floor(x * 0.6366197723675814 + 0.5)
  const first = x - turns * 1.5707963267341256
  const second = turns * 6.077100506303966e-11
  const rest = first - second
  const correction = turns * 2.0222662487959506e-21 - (first - rest - second)
  const high = rest - correction
  return [turns & 3, high, rest - high - correction]
}

function sinNearZero(x: number, low: number): number {
  const z = x * x
  const v = z * x
  const r =
    0.00833333333332249 +
    z * (-0.0001984126982985795 + z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)))
  return x - (z * (0.5 * low - v * r) - low - v * -0.16666666666666632)
}

function cosNearZero(x: number, low: number): number {
  const z = x * x
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (2.480158728947673e-5 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))))
  const half = 0.5 * z
  const w = 1 - half
  return w + (1 - w - half + (z * r - x * low))
}
