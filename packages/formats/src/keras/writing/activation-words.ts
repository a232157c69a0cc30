/** Activations in the words of other programs: by name alone, or, where they have numbers of their own, as a layer. */
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import { activationTable } from 'fovea/internal/layers/activations'
import type { ActivationWord } from './said-layer.ts'
import { cannotSay, snake } from './words.ts'

type Numbers = Readonly<Record<string, Json>>

/** The name of an activation, and those of its numbers that are not the usual ones. */
export function activationParts(activation: Json): { readonly name: string; readonly numbers: Numbers } {
  if (typeof activation === 'string') return { name: activation, numbers: {} }
  const { type, ...given } = activation as JsonRecord
  const name = String(type)
  const usual: Numbers = activationTable[name as keyof typeof activationTable].parameters
  return { name, numbers: Object.fromEntries(Object.entries(given).filter(([key, value]) => value !== usual[key])) }
}

/** Keras's layers of activations, with the numbers that they take. */
const layers: Readonly<Record<string, { readonly className: string; readonly usual: JsonRecord }>> = {
  relu: { className: 'ReLU', usual: { maxValue: null, negativeSlope: 0, threshold: 0 } },
  leakyRelu: { className: 'LeakyReLU', usual: {} },
  elu: { className: 'ELU', usual: {} },
}

/** Keras has functions of these names that are others: one has no default for its numbers, one does not sum to 1 (3.15). */
const otherThere = ['threshold', 'sparsemax']

export const kerasActivation: ActivationWord = activation => {
  const { name, numbers } = activationParts(activation)
  if (otherThere.includes(name))
    throw cannotSay(`Keras's ${name} gives other numbers than Fovea's.`, 'Use another activation.')
  if (Object.keys(numbers).length === 0) return snake(name)
  if (!Object.hasOwn(layers, name)) throw withNumbers(name, numbers)
  const { className, usual } = layers[name]!
  const config = Object.entries({ ...usual, ...numbers }).map(([key, value]) => [snake(key), value])
  return { className, config: Object.fromEntries(config) as JsonRecord }
}

export const withNumbers = (name: string, numbers: Numbers): Error =>
  cannotSay(
    `The activation ${name} cannot have numbers of its own there: ${JSON.stringify(numbers)}.`,
    'Use it without them, or another one.',
  )
