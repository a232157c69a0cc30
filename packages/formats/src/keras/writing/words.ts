/** Keras's words for the options of Fovea's layers: snake_case, initializers and regularizers as records of a class. */
import { UserError } from 'fovea/internal/base/errors'
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'

/** `kernelSize` → `kernel_size`, `beta1` → `beta_1`. */
export const snake = (word: string): string =>
  word.replace(/[A-Z]|(?<=[bB]eta)\d/g, letter => `_${letter.toLowerCase()}`)

/** The names of options in snake case; their values stay. */
export const snakeKeys = (options: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [snake(name), value]))

/** An object of Keras in a configuration. */
export const kerasObject = (module: string, className: string, config: JsonRecord) => ({
  module: `keras.${module}`,
  class_name: className,
  config,
  registered_name: null,
})

/** The options of a layer in Keras's words: `channelsLast` is `channels_last`, an initializer a record of its class. */
export const inKerasWords = (options: JsonRecord): JsonRecord =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      if (isJsonRecord(value) && name.endsWith('Initializer')) return [snake(name), initializer(value)]
      if (isJsonRecord(value) && name.endsWith('Regularizer')) return [snake(name), regularizer(value)]
      return [snake(name), wordOf(value)]
    }),
  )

const wordOf = (value: Json): Json => (typeof value === 'string' ? snake(value) : value)

/** Fovea's initializers that Keras does not have. */
const unknown: ReadonlySet<Json | undefined> = new Set(['Dirac', 'PatchWhitening'])

/** Fovea calls them as Keras does. Weights are there already, so for another one Keras's default stands as well. */
const initializer = ({ type, ...numbers }: JsonRecord): Json =>
  unknown.has(type)
    ? kerasObject('initializers', 'GlorotUniform', {})
    : kerasObject('initializers', String(type), inKerasWords(numbers))

/** Says which initializers are other ones in Keras's words. */
export function noteOnInitializers(options: JsonRecord): string | undefined {
  const types = Object.entries(options).flatMap(([name, value]) =>
    name.endsWith('Initializer') && isJsonRecord(value) && unknown.has(value['type']) ? [value['type']] : [],
  )
  if (types.length === 0) return undefined
  return `is written with GlorotUniform for ${types.join(' and ')}, which Keras does not have: its weights are what they are, first values would be others.`
}

const regularizer = ({ type, ...factors }: JsonRecord): Json => kerasObject('regularizers', String(type), factors)

/** Of what the other program has no word for. */
export const cannotSay = (what: string, fix: string): UserError => new UserError({ what, fix })
