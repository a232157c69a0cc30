/**
 * Values of Keras's configurations in Fovea's words: snake_case becomes camelCase, an object with a class becomes a record with a type, and
 * a number that NumPy wrote becomes a number. What Fovea does not know is told by Fovea's own layers, which read the result.
 */
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import { toCamel } from 'fovea/internal/layers/options'
import { member, recordMember, textMember } from '../containers/json-text.ts'

/** Of objects with a class: initializers carry them without effect. */
const idle = new Set(['seed', 'input_axes', 'output_axes', 'name', 'dtype', 'trainable'])

/** An option's value as Fovea's factories take it. */
export function optionValue(json: Json): Json {
  if (!isJsonRecord(json)) return json
  const type = textMember(json, 'class_name')
  if (type === undefined) return textMember(json, 'type') === 'ndarray' ? (member(json, 'value') ?? null) : json
  // A function of Keras: {class_name: 'function', config: 'relu'}.
  const name = member(json, 'config')
  if (typeof name === 'string') return registeredOf(json) ?? name
  const registered = registeredOf(json, type)
  if (registered !== undefined) return registered
  const config = recordMember(json, 'config') ?? {}
  const options = Object.entries(config).filter(([option]) => !idle.has(option))
  return { ...Object.fromEntries(options.map(([option, value]) => [toCamel(option), wordOf(value)])), type }
}

/** The name of what somebody else has made: no name of ours, so it is refused by this name. */
function registeredOf(json: JsonRecord, type = 'function'): string | undefined {
  const registered = textMember(json, 'registered_name')
  return registered === undefined || registered === type || registered.startsWith('Keras>') ? undefined : registered
}

/** `fan_avg` as `fanAvg`; of old Keras and of TensorFlow.js, `normal` is the truncated one. */
function wordOf(json: Json): Json {
  if (json === 'normal') return 'truncatedNormal'
  return typeof json === 'string' ? toCamel(json) : isJsonRecord(json) ? optionValue(json) : json
}
