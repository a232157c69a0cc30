/** Keras's configuration of an object (snake_case, nested class records) as the options of Fovea's factory. */
import { toCamel } from '../../packages/fovea/src/layers/options.ts'

type Values = Readonly<Record<string, unknown>>

/** Options that change nothing here: names, seeds, storage, constraints (a step of training, not of the forward pass). */
const ignored =
  /^(name|trainable|dtype|seed|batch_input_shape|synchronized|renorm.*|quantization_config|.*constraint|activity_regularizer|gpu)$/

/** Options that Fovea does not have, at the value that means "not used". */
const switchedOff: Values = { pad_to_aspect_ratio: false, antialias: false }

export function optionsOf(config: Values): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(config)) {
    if (ignored.test(name) || switchedOff[name] === value) continue
    options[toCamel(name)] = isClassRecord(value) ? { ...optionsOf(value.config), type: value.class_name } : value
  }
  // Read only with padToAspectRatio.
  if ('cropToAspectRatio' in options) for (const name of ['fillMode', 'fillValue']) delete options[name]
  // Initializers carry these without effect.
  for (const name of ['inputAxes', 'outputAxes']) delete options[name]
  return options
}

function isClassRecord(value: unknown): value is { class_name: string; config: Values } {
  return typeof value === 'object' && value !== null && 'class_name' in value
}
