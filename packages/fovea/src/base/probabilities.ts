/**
 * Probabilities of every class. One output unit tells two classes apart: it gives p, how probable the second is, so the classes have
 * 1 − p and p. Several units give one probability each.
 */

/** Of one picture, from what the last layer gives for it. */
export function classProbabilities(outputs: ArrayLike<number>): number[] {
  return outputs.length === 1 ? [1 - outputs[0]!, outputs[0]!] : Array.from(outputs)
}
