/** A layer in the words of another program, and what says it. */
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import type { Shape } from 'fovea/internal/base/shape'

export interface SaidLayer {
  readonly className: string
  /** Without its name. */
  readonly config: JsonRecord
  /** What it does not say of Fovea's layer: the end of a sentence that begins with that layer. */
  readonly note?: string | undefined
}

/**
 * Says a layer of one type: its options without the activation, and the shapes of its inputs. Several layers where one of Fovea's is more
 * than one there; the first has the weights. None where it passes what comes in. Throws UserError for what cannot be said.
 */
export type LayerRow = (options: JsonRecord, inputs: readonly Shape[]) => SaidLayer | readonly SaidLayer[]

/** A name, or a layer where the program has the activation as such alone. Throws UserError for what the program does not have. */
export type ActivationWord = (activation: Json) => string | SaidLayer

/** How another program says layers. */
export interface Dialect {
  /** As messages say it: `Keras`. */
  readonly program: string
  /** By Fovea's type; missing where there is no such layer. */
  readonly rows: Readonly<Record<string, LayerRow | undefined>>
  readonly activation: ActivationWord
}
