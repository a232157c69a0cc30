/**
 * What the parts of a server know of each other. A request becomes a question in the words of one protocol, the question asks the catalogue
 * for a model and holds it while it is answered, admission lets the work in or refuses it, and the watch is told what happened.
 */
import type { AnyPicture, Classify, Float32NdArray, PreprocessSpec } from 'fovea'

/** A request, as far as it is read: of a `Request`, or of Node's HTTP, without what a `Request` costs there. */
export interface Question {
  readonly method: string
  readonly url: URL
  /** By its name in small letters; null where it is missing. */
  header(name: string): string | null
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
  /** Gives the body part by part, once; ends with the error that `take` throws, or with a Refusal where the body breaks off. */
  read(take: (part: Uint8Array) => void): Promise<void>
}

/** What a question is answered with. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** One behind the other. */
  readonly body: readonly (string | Uint8Array<ArrayBuffer>)[]
}

export type Answering = (question: Question) => Promise<Reply>

/** Name and shape of what goes in or comes out, without the batch axis. */
export interface ServedTensor {
  readonly name: string
  readonly shape: readonly number[]
}

/** Samples row by row. */
export interface ServedRows {
  readonly shape: readonly number[]
  readonly data: Float32Array | Uint8Array
}

/** Where a network looked for a class: how much each place of the picture speaks for it, from 0 to 1, row by row. */
export interface Explanation {
  readonly method: 'grad-cam' | 'occlusion'
  readonly className: string
  readonly probability: number
  readonly width: number
  readonly height: number
  readonly values: readonly number[]
}

/**
 * A model that can be served: what `loadPredictor` gives, a `Classifier` of `loadModel`, or anything that has these parts.
 */
export interface Servable {
  readonly model: { readonly inputs: readonly ServedTensor[]; readonly outputs: readonly ServedTensor[] }
  readonly classNames: readonly string[] | undefined
  readonly preprocess?: PreprocessSpec | undefined
  /** Of a model with several inputs a record of them by name; an array for each output, or the only one's. */
  predict(
    x: ServedRows | Readonly<Record<string, ServedRows>>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Float32NdArray | readonly Float32NdArray[]>
  readonly classify: Classify
  /** Missing where nothing can be said. */
  explain?(picture: AnyPicture, options: { readonly method?: Explanation['method'] }): Promise<Explanation>
}

/** In TensorFlow Serving's words. */
export type VersionState = 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END'

export interface ServedVersion {
  /** A whole number as text; `1` where nobody chose one. */
  readonly version: string
  readonly state: VersionState
  /** `stable`, `canary`. */
  readonly labels: readonly string[]
  /** Why it could not be loaded. */
  readonly error?: string | undefined
}

/** A version that stays until it is released, whatever becomes of its file meanwhile. */
export interface Lease {
  readonly name: string
  readonly version: string
  readonly servable: Servable
  release(): void
}

/** By what a request names a version; the newest available one by default. */
export interface Wanted {
  readonly version?: string | undefined
  readonly label?: string | undefined
}

/** What an address names. */
export interface Named extends Wanted {
  readonly name: string
}

/** The models there are at this moment: they come, go and change while the server runs. */
export interface Catalogue {
  /** Sorted. */
  names(): readonly string[]
  /** The newest first. Undefined for a model that nobody knows. */
  versions(name: string): readonly ServedVersion[] | undefined
  /** Throws Refusal: 404 for what is not there, 503 for what is still being loaded. */
  lease(name: string, wanted?: Wanted): Lease
  /** Whether every model can be asked. */
  isReady(): boolean
}

/** Lets work in, in the order of arrival, as far as there is room for it. */
export interface Admission {
  /**
   * `pictures`: how many the work asks about. The signal that the work is given is aborted at the deadline, and when `signal` is. Throws
   * Refusal: 429 where too many wait already, 503 while the server ends, 504 where the deadline has passed.
   */
  admit<T>(pictures: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** Where the time of a request goes. `compute` holds the decoding of pictures. */
export type Stage = 'read' | 'queue' | 'compute'

/** What a client speaks. */
export type Protocol = 'plain' | 'tensorflow' | 'open-inference'

/** Is told what happens: metrics and logs are made of it. */
export interface Watch {
  /** Milliseconds. */
  stage(stage: Stage, took: number): void
  /** Pictures that were asked about in one request. */
  asked(model: string, version: string, pictures: number): void
  /** A request was answered. */
  answered(protocol: Protocol, status: number, took: number): void
}

/** What is said of a body that ended before its end. */
export const brokenOff = (): Refusal => new Refusal(400, 'The body broke off before its end.')

/** What a request is answered with instead: every protocol says it in its own form. */
export class Refusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}
