/** What `classify` takes and gives, as types: whoever asks it loads what computes it with the first picture. */
import type { AnyPicture, OpenPicture } from '../base/picture.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import type { TestViews } from '../base/test-views.ts'
import type { Model } from '../network/model.ts'
import type { Float32NdArray } from './pass.ts'

/** How probable a class is. */
export interface ClassProbability {
  /** Its number as text where the model does not name its classes. */
  readonly className: string
  readonly probability: number
}

/** The classes of one picture, the most probable first: at least one. */
export type Answer = readonly [ClassProbability, ...ClassProbability[]]

/** What `classify` takes. */
export interface ClassifyOptions {
  /** Only so many classes, the most probable ones; all by default. */
  readonly top?: number | undefined
  /**
   * The mean over ten views of the picture instead of one: itself and four crops, each also mirrored. It takes ten times the work, and is
   * nothing for what mirroring makes something else, as letters. A model of drawn digits sees the picture alone.
   */
  readonly augment?: boolean | undefined
  /** The mean over views of the model's input instead, as `predict` has them: `mirror`, `shifts` or `mirror+shifts`. */
  readonly views?: TestViews | undefined
  /** Aborting rejects with the signal's reason: pictures that are not opened yet stay unopened, and nothing more is computed. */
  readonly signal?: AbortSignal | undefined
}

/** A picture gives an answer, a list of them a list of answers. */
export interface Classify {
  (picture: AnyPicture, options?: ClassifyOptions): Promise<Answer>
  (pictures: readonly AnyPicture[], options?: ClassifyOptions): Promise<readonly Answer[]>
  (given: AnyPicture | readonly AnyPicture[], options?: ClassifyOptions): Promise<Answer | readonly Answer[]>
}

/** In all its forms, of what does the work for any of them. */
export const classifyOf = (
  ask: (given: AnyPicture | readonly AnyPicture[], options?: ClassifyOptions) => Promise<Answer | readonly Answer[]>,
): Classify => ask as Classify

/** A model that can be asked. */
export interface Classifying {
  readonly model: Model
  readonly classNames: readonly string[] | undefined
  readonly preprocess: PreprocessSpec | undefined
  readonly openPicture?: OpenPicture | undefined
  predict(
    inputs: { readonly shape: readonly number[]; readonly data: Uint8Array },
    options?: Pick<ClassifyOptions, 'views' | 'signal'>,
  ): Promise<Float32NdArray>
}
