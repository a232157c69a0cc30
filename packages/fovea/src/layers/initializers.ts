/**
 * First values of weights. In: a configuration, the weight's shape and a random key. Out: float32 values, each a pure function
 * of (key, index), computed with our own logarithm and cosine, so equal on every machine. Formulas and defaults are Keras 3's:
 * VarianceScaling with variance scale / fan; normals are cut at two standard deviations and widened by 1 / 0.8796… to keep it.
 */
import { cos, log } from '../base/math.ts'
import { fold, type RandomKey, uniform } from '../base/random.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import type { InitializerConfig } from './initializer-config.ts'
import { orthogonalRows } from './orthogonal.ts'

const { PI, abs, max, min, sqrt } = Math

export {
  type Initializer,
  type InitializerConfig,
  initializerConfig,
  initializerField,
  isOfData,
} from './initializer-config.ts'

/** √ of the variance of a standard normal cut at ±2. */
const truncatedDeviation = 0.8796256610342398

/** Values of a weight of this shape, row-major. */
export function initialValue(config: InitializerConfig, shape: Shape, key: RandomKey): Float32Array {
  const values = new Float32Array(sizeOf(shape))
  switch (config.type) {
    case 'Zeros':
    case 'PatchWhitening':
      return values
    case 'Ones':
      return values.fill(1)
    case 'Constant':
      return values.fill(config.value)
    case 'Dirac':
      return dirac(initialValue(config.others, shape, key), shape)
    case 'Identity':
      return identity(values, shape, config.gain)
    case 'RandomUniform':
      return fillUniform(values, config.minval, config.maxval, key)
    case 'RandomNormal':
      return fillWith(values, config.mean, config.stddev, normals(key))
    case 'TruncatedNormal':
      return fillWith(values, config.mean, config.stddev, truncatedNormals(key))
    case 'Orthogonal':
      return orthogonalRows(shape, config.gain, normals(key))
    case 'VarianceScaling':
      return scaled(values, shape, config.scale, config.mode, config.distribution, key)
    case 'GlorotUniform':
      return scaled(values, shape, 1, 'fanAvg', 'uniform', key)
    case 'GlorotNormal':
      return scaled(values, shape, 1, 'fanAvg', 'truncatedNormal', key)
    case 'HeUniform':
      return scaled(values, shape, 2, 'fanIn', 'uniform', key)
    case 'HeNormal':
      return scaled(values, shape, 2, 'fanIn', 'truncatedNormal', key)
    case 'LecunUniform':
      return scaled(values, shape, 1, 'fanIn', 'uniform', key)
    case 'LecunNormal':
      return scaled(values, shape, 1, 'fanIn', 'truncatedNormal', key)
  }
}

/** Inputs and outputs of one unit: kernels [height, width, in, out] count the area; a vector of n counts n and n. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 }
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! }
  const area = sizeOf(shape.slice(0, -2))
  return { fanIn: shape.at(-2)! * area, fanOut: shape.at(-1)! * area }
}

function scaled(
  values: Float32Array,
  shape: Shape,
  scale: number,
  mode: 'fanIn' | 'fanOut' | 'fanAvg',
  distribution: 'uniform' | 'truncatedNormal' | 'untruncatedNormal',
  key: RandomKey,
): Float32Array {
  const { fanIn, fanOut } = fans(shape)
  const fan = mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2
  const variance = scale / max(1, fan)
  if (distribution === 'uniform') {
    const limit = sqrt(3 * variance)
    return fillUniform(values, -limit, limit, key)
  }
  if (distribution === 'untruncatedNormal') return fillWith(values, 0, sqrt(variance), normals(key))
  return fillWith(values, 0, sqrt(variance) / truncatedDeviation, truncatedNormals(key))
}

function fillUniform(values: Float32Array, low: number, high: number, key: RandomKey): Float32Array {
  for (let index = 0; index < values.length; index++) values[index] = low + (high - low) * uniform(key, index)
  return values
}

function fillWith(values: Float32Array, mean: number, deviation: number, draw: Draw): Float32Array {
  for (let index = 0; index < values.length; index++) values[index] = mean + deviation * draw(index)
  return values
}

type Draw = (index: number) => number

/** Standard normal by Box and Muller (1958): √(−2 ln u) · cos(2π v), u in (0, 1]. */
function normals(key: RandomKey): Draw {
  const [lengthKey, angleKey] = [fold(key, 1), fold(key, 2)]
  return index => sqrt(-2 * log(1 - uniform(lengthKey, index))) * cos(2 * PI * uniform(angleKey, index))
}

/** Standard normal, drawn again (under a fresh key) until it lies within ±2. */
function truncatedNormals(key: RandomKey): Draw {
  const attempts: Draw[] = []
  const keys = [key]
  return index => {
    for (let attempt = 0; ; attempt++) {
      if (attempt === attempts.length) {
        attempts.push(normals(keys[attempt]!))
        keys.push(fold(keys[attempt]!, 3))
      }
      const value = attempts[attempt]!(index)
      if (abs(value) <= 2) return value
    }
  }
}

/** Filter i, for each input channel i, is 1 at its centre there and 0 elsewhere: the layer starts as (nearly) the identity. */
function dirac(values: Float32Array, shape: Shape): Float32Array {
  const [inputs, outputs] = [shape.at(-2)!, shape.at(-1)!]
  let centre = 0
  for (const extent of shape.slice(0, -2)) centre = centre * extent + ((extent - 1) >> 1)
  for (let channel = 0; channel < min(inputs, outputs); channel++) {
    for (let at = channel; at < values.length; at += outputs) values[at] = 0
    values[(centre * inputs + channel) * outputs + channel] = 1
  }
  return values
}

function identity(values: Float32Array, shape: Shape, gain: number): Float32Array {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!]
  for (let diagonal = 0; diagonal < min(rows, columns); diagonal++) values[diagonal * columns + diagonal] = gain
  return values
}
