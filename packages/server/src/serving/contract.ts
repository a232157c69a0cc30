/**
 * What the parts of a server know of each other. A request becomes a question of one protocol (protocols/), the question asks the catalogue for
 * a model and holds it while it is answered, admission lets the work in or refuses it, and the watch is told what happened.
 */
import type { Classify, Float32NdArray, PreprocessSpec } from 'fovea'

/** Name and shape of what goes in or comes out, without the batch axis. */
export interface ServedTensor {
  readonly name: string
  readonly shape: readonly number[]
}

/** What is asked: a `SavedPredictor` of `loadPredictor`, a `Classifier` of `loadModel`, or anything that has these parts. */
export interface Servable {
  readonly model: { readonly inputs: readonly ServedTensor[]; readonly outputs: readonly ServedTensor[] }
  readonly classNames: readonly string[] | undefined
  readonly preprocess: PreprocessSpec | undefined
  /** Rows of inputs in, an array for each output out (one output: the array itself). */
  predict(
    x: unknown,
    options?: { readonly batchSize?: number; readonly signal?: AbortSignal },
  ): Promise<Float32NdArray | readonly Float32NdArray[]>
  readonly classify: Classify
}

/** Its words are those of TensorFlow Serving. */
export type VersionState = 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'FAILED'

export interface ServedVersion {
  /** A whole number as text, as TensorFlow Serving and Triton have it; `1` where nobody chose one. */
  readonly version: string
  readonly state: VersionState
  /** `stable`, `canary`. */
  readonly labels: readonly string[]
  /** Why it could not be loaded. */
  readonly error?: string
}

/** A version that is kept in memory until it is released, whatever becomes of its file meanwhile. */
export interface Lease {
  readonly name: string
  readonly version: string
  readonly servable: Servable
  release(): void
}

/** By what a request names a version; the newest available one by default. */
export interface Wanted {
  readonly version?: string
  readonly label?: string
}

/** The models there are at this moment: they come, go and change while the server runs. */
export interface Catalogue {
  /** Sorted. */
  names(): readonly string[]
  /** Undefined for a model that nobody knows; the newest version first. */
  versions(name: string): readonly ServedVersion[] | undefined
  /** Throws Refusal: 404 for what is not there, 503 for what is still being loaded. */
  lease(name: string, wanted?: Wanted): Lease
  /** Whether every model can be asked. */
  isReady(): boolean
}

/** Lets work in, in the order of arrival, as far as there is room for it. */
export interface Admission {
  /**
   * `pictures`: how many the work asks about. Throws Refusal: 429 where too many wait already, 503 while the server ends, 504 where the
   * deadline passed before the work began. The signal is aborted at the deadline and when the client has gone.
   */
  admit<T>(pictures: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** Where the time of a request goes. */
export type Stage = 'read' | 'decode' | 'queue' | 'compute' | 'write'

/** Is told what happens; metrics and logs are made of it. */
export interface Watch {
  stage(model: string, stage: Stage, milliseconds: number): void
  /** Pictures that were asked about in one request, and what became of them. */
  asked(model: string, protocol: string, pictures: number): void
}

/** What a request is answered with instead: every protocol says it in its own form. */
export class Refusal extends Error {
  readonly status: number
  /** Seconds. */
  readonly retryAfter: number | undefined

  constructor(status: number, message: string, retryAfter?: number) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
  }
}
