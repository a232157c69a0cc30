/**
 * Knowledge distillation (Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network"): a network learns the labels and
 * what a teacher says of the same pictures, both softened by a temperature T:
 *
 *   loss = (1 − share) · loss(y) + share · T² · KL(q ‖ p),  q ∝ teacher^(1/T),  p = softmax(logits / T)
 *
 * T² keeps the gradients of the second part as large as they are at T = 1.
 */
import { UserError } from '../base/errors.ts'
import { exp, log } from '../base/math.ts'
import { formatShape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import { logitsOf } from './loss-formulas.ts'

/** The column of what a teacher says for an output, beside that of the labels. */
export const teacherOf = (output: string): string => `teacher of ${output}`

/** One value per sample [N]: KL(q ‖ p). In: q [N, C], the prediction [N, C]. */
export function divergenceFrom(
  graph: Graph,
  soft: Node,
  prediction: Node,
  { temperature, fromLogits }: { readonly temperature: number; readonly fromLogits: boolean },
): Node {
  const logs = graph.logSoftmax(graph.mul(logitsOf(graph, prediction, fromLogits), 1 / temperature))
  const own = graph.unary('log', graph.max(soft, leastProbability))
  return graph.sum(graph.mul(soft, graph.sub(own, logs)), [1])
}

const leastProbability = 1e-7

/** Rows of p^(1/T), each divided by its sum. In: rows of probabilities. No p counts as less than 1e-7, as in the losses. */
export function softened(probabilities: Float32Array, classes: number, temperature: number): Float32Array {
  const soft = new Float32Array(probabilities.length)
  for (let begin = 0; begin < soft.length; begin += classes) {
    const row = probabilities.subarray(begin, begin + classes)
    const powers = Array.from(row, p => exp(log(Math.max(p, leastProbability)) / temperature))
    const sum = powers.reduce((total, power) => total + power, 0)
    soft.set(
      powers.map(power => power / sum),
      begin,
    )
  }
  return soft
}

/** Throws UserError for a model that no teacher says classes for. */
export function checkTaught({ outputs }: Pick<Model, 'outputs'>): void {
  const [output] = outputs
  if (outputs.length === 1 && output!.shape.length === 1 && output!.shape[0]! > 1) return
  throw new UserError({
    what: 'This model cannot be taught by another.',
    expected: 'one output with a unit for each class, two at least',
    received: outputs.map(({ shape }) => formatShape(shape)).join(' and '),
  })
}
