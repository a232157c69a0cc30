/**
 * Arithmetic between layers, as functional models of Keras have it: `x / 127.5 - 1` written in Python is a layer of TensorFlow's in Keras 2
 * (`TFOpLambda`) and an operation in Keras 3. Those with one number become Rescaling, those of two values the layer that joins them.
 */
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import { member, textMember } from '../containers/json-text.ts'
import type { FoveaLayer } from './keras-layers.ts'
import type { KerasLayer } from './keras-tree.ts'

type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide'

/** What it is called, of TensorFlow and of Keras 3. */
const names: Readonly<Record<string, Arithmetic>> = {
  'math.add': 'add',
  'math.subtract': 'subtract',
  'math.multiply': 'multiply',
  'math.truediv': 'divide',
  'math.divide': 'divide',
  '__operators__.add': 'add',
  Add: 'add',
  Subtract: 'subtract',
  Multiply: 'multiply',
  TrueDivide: 'divide',
  Divide: 'divide',
}

const withNumber: Readonly<Record<Arithmetic, (number: number) => JsonRecord>> = {
  add: offset => ({ scale: 1, offset }),
  subtract: number => ({ scale: 1, offset: -number }),
  multiply: scale => ({ scale, offset: 0 }),
  divide: number => ({ scale: 1 / number, offset: 0 }),
}

/** Undefined for all other layers, and for those that are called on values alone in Keras 3: they are layers of these names. */
export function operationOf({ className, config, registered }: KerasLayer, others: JsonRecord): FoveaLayer | undefined {
  if (registered !== undefined) return undefined
  const isTensorFlow = className === 'TFOpLambda'
  const called = isTensorFlow ? (textMember(config, 'function') ?? '') : className
  const arithmetic = Object.hasOwn(names, called) ? names[called] : undefined
  if (!arithmetic || !onlyKnown(others)) return undefined
  const number = ['y', 'argument 2', 'x2']
    .map(name => member(others, name))
    .find(value => value !== undefined && value !== null)
  if (typeof number === 'number') return { type: 'Rescaling', config: withNumber[arithmetic](number) }
  return undefined
}

/** One number besides the value, and a name. */
const onlyKnown = (others: JsonRecord): boolean =>
  Object.entries(others).every(
    ([name, value]) => ['y', 'argument 2', 'x2', 'name', 'training', 'mask'].includes(name) || isNothing(value),
  )

const isNothing = (value: Json): boolean => value === null
