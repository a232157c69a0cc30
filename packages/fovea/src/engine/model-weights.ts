/** A model's weights in an engine, in Keras's order. */
import type { Model } from '../network/model.ts'
import { matchWeights, type NamedWeight } from '../store/model-file.ts'
import type { Engine } from './engine.ts'

/** Copied. */
export async function readWeights(model: Model, engine: Engine): Promise<NamedWeight[]> {
  const names = new Set(model.weights.map(weight => weight.name))
  const values = await engine.readStates(name => names.has(name))
  return model.weights.map(({ name, shape }) => ({ name, shape, data: new Float32Array(values[name]!) }))
}

/** Throws UserError listing every difference when they do not fit; `source` names them. */
export async function writeWeights(
  model: Model,
  engine: Engine,
  weights: readonly NamedWeight[],
  source?: string,
): Promise<void> {
  await engine.writeStates(matchWeights(weights, model.weights, source))
}
