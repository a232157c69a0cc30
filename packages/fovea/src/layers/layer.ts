/**
 * A layer is a small record: its configuration, the weights it needs, the shape it gives and how it lowers to graph nodes.
 * Shapes here are without the batch axis. Names and defaults are Keras's, in camelCase.
 */

import type { Json } from '../base/json.ts'
import type { Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { ActivationConfig } from './activations.ts'
import type { InitializerConfig } from './initializers.ts'
import type { RegularizerConfig } from './regularizers.ts'
import type { SampleNodes } from './sample-nodes.ts'

export type { Json } from '../base/json.ts'
export type LayerConfig = { readonly [key: string]: Json }

export interface WeightSpec {
  /** `kernel`, `bias`, `gamma`, `movingMean` … */
  readonly name: string
  readonly shape: Shape
  readonly initializer: InitializerConfig
  /** False for statistics that are never trained (a frozen layer is said by `Layer.trainable`). */
  readonly trainable: boolean
  readonly regularizer?: RegularizerConfig | undefined
}

export interface LowerContext {
  readonly graph: Graph
  /** Dropout drops, batch norm uses the batch's statistics, random layers augment. */
  readonly training: boolean
  /** The run's random key, int32 [2], for `graph.randomUniform`. */
  readonly randomKey: Node
  /** What is known of the samples of a training step. */
  readonly samples: SampleNodes
  /** Scalar: how much of the old moving statistics stays, instead of what the layer says. */
  readonly movingMomentum?: Node | undefined
  /** New value of a non-trained weight after this step (moving statistics). */
  update(weight: Node, value: Node): void
}

/**
 * What kind of work it does. `scaling`: fixed numbers map every value (Rescaling, Normalization). `shape`: values are moved, cut, repeated or
 * sampled. `own`: a formula of the user's.
 */
export type LayerFamily =
  | 'dense'
  | 'convolution'
  | 'pooling'
  | 'normalization'
  | 'scaling'
  | 'activation'
  | 'dropout'
  | 'noise'
  | 'augmentation'
  | 'shape'
  | 'merging'
  | 'own'

/** Names of the rules in sights.ts. */
export type SightName =
  | 'alike'
  | 'channelwise'
  | 'configuredAxes'
  | 'convolved'
  | 'cropped'
  | 'joined'
  | 'lastAxis'
  | 'middle'
  | 'padded'
  | 'permuted'
  | 'pooled'
  | 'pooledWholly'
  | 'reshaped'
  | 'sampled'
  | 'spread'
  | 'wholly'

/** What others must know of a layer: nobody outside this room tells layers apart by the names of their types. */
export interface LayerTraits {
  readonly family: LayerFamily
  /** What its units see of its inputs; everything when absent. */
  readonly sight?: SightName | undefined
  /** What its values go through last; absent where that is no activation. */
  readonly activation?: ActivationConfig | undefined
  /** Training uses the batch's statistics; frozen, it works as in inference. */
  readonly batchStatistics?: true | undefined
  /** Every output is one sum of products over a window and all channels, and can be written out by hand. */
  readonly writtenOut?: true | undefined
  /** An augmenting layer's stand-in outside training; absent where it lets its input pass. */
  readonly standIn?: (() => Layer) | undefined
}

/** One layer of a network: its configuration, its weights and what it computes. */
export interface Layer {
  /** Keras's class name: `Conv2D`. */
  readonly type: string
  /** Unique within a model; empty until the model names it (`conv2d`, `conv2d_1` …, as Keras does). */
  readonly name: string
  readonly trainable: boolean
  /** All that is needed to make the same layer again, without `name` and `trainable`. */
  readonly config: LayerConfig
  /** Set on a first layer that was given `inputShape`. */
  readonly inputShape?: Shape | undefined
  readonly traits: LayerTraits
  /** In Keras's order. */
  weights(inputShapes: readonly Shape[]): readonly WeightSpec[]
  /** Throws UserError when the inputs do not suit the layer. */
  outputShape(inputShapes: readonly Shape[]): Shape
  /** Inputs are batched nodes (batch first); weights by spec name. Gives the batched output. */
  lower(context: LowerContext, inputs: readonly Node[], weights: Readonly<Record<string, Node>>): Node
  /** The formula of the parameter count, with numbers: `32 × (3 × 3 × 1) + 32`. */
  parameterFormula?(inputShapes: readonly Shape[]): string
}
