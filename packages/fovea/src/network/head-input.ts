/** What the head of a network sees: the features that its last dense layer makes scores of. */
import type { Model } from './model.ts'

/**
 * The place among the layer calls of the value that the last dense layer reads; activations behind that layer are passed over. Of a network
 * that ends otherwise it is the value in front of its last activation. Undefined where the head sees the pictures themselves.
 */
export function headInput(model: Model): number | undefined {
  const callOf = (value: number): number | undefined =>
    value < model.inputs.length ? undefined : value - model.inputs.length
  let call = callOf(model.outputs[0]!.value)
  while (call !== undefined && model.layers[call]!.layer.traits.family === 'activation') {
    call = callOf(model.layers[call]!.inputs[0]!)
  }
  if (call === undefined) return undefined
  const { layer, inputs } = model.layers[call]!
  return layer.traits.family === 'dense' ? callOf(inputs[0]!) : call
}
