/**
 * An ONNX model as plain records: what is in the file and no more, with no meaning given to it. Bytes become such a record in decode.ts,
 * and a record bytes in encode.ts; import and export stand between it and Fovea's networks. Source: onnx.proto of ONNX (IR version 3 to 10).
 */

export interface OnnxModel {
  readonly irVersion: number
  /** Version by domain; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>
  /** The program that wrote it, and its version. */
  readonly producer: string
  readonly producerVersion: string
  /** What its writer says of it to people. */
  readonly doc?: string | undefined
  readonly graph: OnnxGraph
  /** Whatever its writer says of it. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface OnnxGraph {
  readonly name: string
  /** In an order in which they can be computed. */
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  /** Up to IR version 3 the initializers are among them. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

export interface OnnxNode {
  /** `Conv`. */
  readonly op: string
  /** '' is ONNX's own. */
  readonly domain: string
  readonly name: string
  /** Names of values; '' where an optional one is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** `graph`: of control flow, never looked into. */
export type OnnxAttribute =
  | { readonly kind: 'float' | 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'floats' | 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'graph' | 'other' }

/** Element types that are read into numbers. float16 and bfloat16 become float32, 64-bit integers numbers of JavaScript. */
export type OnnxType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'

export interface OnnxTensor {
  readonly name: string
  readonly type: OnnxType
  /** None: a single number. */
  readonly dims: readonly number[]
  /** Row-major. Float32Array for float types but float64 (Float64Array); for all others Float64Array, in which integers are exact to 2⁵³. */
  readonly data: Float32Array | Float64Array
}

export interface OnnxValue {
  readonly name: string
  readonly type: OnnxType | undefined
  /** A number, the name of an open extent, or undefined. Missing where the file says nothing. */
  readonly dims: readonly (number | string | undefined)[] | undefined
}
