/**
 * The primitive operations. Everything a classifier computes, forward, backward and update, is composed of these.
 * A rule table (`{ [K in OpKind]: … }`) must have a row for each: the compiler names every row missing.
 *
 * Layouts: pictures N,H,W,C; convolution filters R,S,C,K (height, width, channels in per group, filters); dense I,O.
 * Batched tensors carry the batch as axis 0, static capacity N, of which n ≤ N rows are real at run time.
 */
import type { Shape } from '../base/shape.ts'

/** `normalCdf`: Φ(x) = erfc(−x/√2) / 2. `elu`: x above 0, eˣ − 1 below; its slope follows from its value, so that nothing else is kept. */
export type UnaryFn =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'square'
  | 'sqrt'
  | 'reciprocal'
  | 'floor'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'tanh'
  | 'sigmoid'
  | 'erf'
  | 'normalCdf'
  | 'sin'
  | 'cos'
  | 'relu'
  | 'elu'
/** Comparisons give 1 or 0. `pow` is defined for a base ≥ 0. */
export type BinaryFn = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'pow' | 'equal' | 'less' | 'lessEqual'
export type ReduceFn = 'sum' | 'max'

export interface Window {
  readonly size: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: Padding
}
/** Zeros (for max pooling: minus infinity) laid around rows and columns. */
export interface Padding {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}
export interface Convolution {
  readonly strides: readonly [number, number]
  readonly padding: Padding
  readonly dilation: readonly [number, number]
  /** Channels and filters fall into this many independent groups; as many as channels: depthwise. */
  readonly groups: number
}
export interface Sampling {
  /**
   * What lies outside the picture, pixel by pixel and axis by axis: the border's pixel (a a|a b c|c c), `fillValue`, the
   * mirrored picture with its border twice (b a|a b c|c b), or the picture again (b c|a b c|a b).
   */
  readonly fill: 'nearest' | 'constant' | 'reflect' | 'wrap'
  readonly fillValue: number
  /** Bilinear weighs the four pixels around the place; nearest takes the pixel at floor(place + ½). */
  readonly interpolation: 'bilinear' | 'nearest'
}

export interface OpAttributes {
  /** Fed by the host for every run. */
  input: { readonly name: string }
  /** Lives in memory between runs: weights, optimizer state, moving statistics. */
  state: { readonly name: string }
  /** A scalar, or (with a shape) that scalar everywhere. */
  constant: { readonly value: number }
  /** n, the number of real rows of this run, as a float scalar. */
  batchSize: Record<never, never>
  /** 0, 1, 2 … along `axis`. */
  iota: { readonly axis: number }
  unary: { readonly fn: UnaryFn }
  /** Operands broadcast as in NumPy. */
  binary: { readonly fn: BinaryFn }
  /** (condition, a, b): a where condition ≠ 0, else b. Operands broadcast. */
  select: Record<never, never>
  /** uint8 or int32 to float32. */
  cast: Record<never, never>
  /** Input: the run's random key, int32 [2]. Uniform in [0, 1) by (key folded with `salt`, flat logical index). */
  randomUniform: { readonly salt: number }
  reshape: Record<never, never>
  transpose: { readonly permutation: readonly number[] }
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number }
  slice: { readonly begin: readonly number[] }
  concat: { readonly axis: number }
  broadcast: Record<never, never>
  /** Axes disappear. Over axis 0 of a batched tensor only the n real rows count. */
  reduce: { readonly fn: ReduceFn; readonly axes: readonly number[] }
  /** Index (as float) of the first largest element along the last axis. */
  argmax: Record<never, never>
  /** 2-D product; contracts over the batch when the left operand is batched and transposed. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean }
  /** (x NHWC, filter RSCK). Cross-correlation, as in Keras. */
  conv2d: Convolution
  /** (dy, filter) → dx of `inputShape`. */
  conv2dInputGrad: Convolution & { readonly inputShape: Shape }
  /** (x, dy) → dfilter of `filterShape`; sums over the n real rows. */
  conv2dFilterGrad: Convolution & { readonly filterShape: Shape }
  maxPool2d: Window
  /** (x, y, dy) → dx: each dy goes to the first largest element of its window, row by row. */
  maxPool2dGrad: Window
  /** Mean over the window's elements inside the picture (padding is not counted). */
  averagePool2d: Window
  /** (dy) → dx of `inputShape`. */
  averagePool2dGrad: Window & { readonly inputShape: Shape }
  /** Over the last axis. */
  softmax: Record<never, never>
  logSoftmax: Record<never, never>
  /** x batched […, C] → [2, C]: mean and (biased) variance over all but the last axis, n real rows. */
  batchMoments: Record<never, never>
  /** (x, moments [2, C], gamma [C], beta [C]) → gamma · (x − mean) / √(variance + epsilon) + beta. */
  batchNorm: { readonly epsilon: number }
  /** (x, dy, moments) → [2, C]: Σ dy and Σ dy · x̂ over all but the last axis, x̂ = (x − mean) / √(variance + epsilon). */
  batchNormSums: { readonly epsilon: number }
  /** (x, dy, gamma, moments, sums) → dx = gamma / √(variance + epsilon) · (dy − (Σ dy + x̂ Σ dy x̂) / count). */
  batchNormInputGrad: { readonly epsilon: number }
  /**
   * (x NHWC, transform [N, 6]) → resampled pictures of x's shape. Output (row, column) is read at
   * row' = t0·row + t1·column + t2, column' = t3·row + t4·column + t5.
   */
  affineSample: Sampling
}

export type OpKind = keyof OpAttributes
