/** What a random layer may know of the samples of a training step, besides the step's random key. */
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'

/** Each is made when it is asked for: a step that needs none is fed none. */
export interface SampleNodes {
  /** A number in [0, 1) for each sample, the same in every epoch: [N, 1], uniform over the training data. */
  draw(): Node
  /** Of the epoch, the first is 0: a scalar. */
  epoch(): Node
}

/** Where nothing is known of them: each step draws for itself, as in a first epoch. */
export const unknownSamples = (graph: Graph, randomKey: Node): SampleNodes => ({
  draw: () => graph.randomUniform(randomKey, [graph.batch, 1], true),
  epoch: () => graph.constant(0),
})
