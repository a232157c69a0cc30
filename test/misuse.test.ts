/**
 * Misuse of every option, generated: each option of each factory and method, given a value of every kind that it is not. Such a value
 * must be refused with a UserError that names the option; a crash inside, or a training with it, is a fault. What is tried
 * stands in misuse-subjects.testing.ts.
 */
import { describe, expect, test } from 'vitest'
import { tiny } from '../packages/fovea/src/api/tiny-classifier.testing.ts'
import * as vocabulary from '../packages/fovea/src/api/vocabulary.ts'
import * as explain from '../packages/fovea/src/explain/vocabulary.ts'
import { modelFromConfig, modelToConfig } from '../packages/fovea/src/network/config.ts'
import { zooModel } from '../packages/fovea/src/network/zoo/zoo.ts'
import { lossFromConfig } from '../packages/fovea/src/objectives/losses.ts'
import { metricFromConfig } from '../packages/fovea/src/objectives/metrics.ts'
import { optimizerFromConfig } from '../packages/fovea/src/optimizer/factories.ts'
import { scheduleFromConfig } from '../packages/fovea/src/optimizer/schedules.ts'
import { recipe } from '../packages/fovea/src/recipes/recipes.ts'
import { callbacksOf } from '../packages/fovea/src/runner/recipe-callbacks.ts'
import { subjects } from './misuse-subjects.testing.ts'

const words = 'constructor toString __proto__ hasOwnProperty valueOf'.split(' ')
const never: readonly unknown[] = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e308,
  [],
  {},
  [null],
  [Number.NaN],
  [[]],
  { constructor: 1 },
  '',
  ' ',
  '1',
  ...words,
  true,
  5n,
  Symbol('s'),
  () => 0,
  new Date(0),
  new Map(),
  new Float32Array(2),
]

const isWord = (value: unknown): boolean => typeof value === 'string'

/** Whether a value is of the kind that an option of this value takes, or one that it is known to take too. */
function mayFit(value: unknown, given: unknown, also: readonly unknown[] = []): boolean {
  if (also.includes(value) || (isWord(value) && value !== '' && also.includes('any text'))) return true
  if (also.includes('any list') && Array.isArray(value)) return true
  if (also.includes('map') && value instanceof Map) return true
  if (also.includes('numbers') && value instanceof Float32Array) return true
  if (also.includes('any record') && typeof value === 'object' && value !== null) return true
  if (also.includes('named numbers') && Object.hasOwn(Object(value), 'constructor')) return true
  if (also.includes('empty list') && Array.isArray(value) && value.length === 0) return true
  if (also.includes('empty record') && Object.keys(Object(value)).length === 0 && String(value) === '[object Object]')
    return true
  if (typeof given === 'boolean') return typeof value === 'boolean'
  return typeof given === 'function' && typeof value === 'function'
}

/** What a call ends with: nothing, or the error. */
async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return error
  }
}

describe.each(Object.entries(subjects))('%s', (_, { make, options, takes = {} }) => {
  test('takes all its options', async () => {
    expect(await outcomeOf(() => make(options as never))).toBeUndefined()
  })

  test('refuses what an option cannot be', async () => {
    const faults: string[] = []
    for (const name of Object.keys(options)) {
      for (const value of never) {
        if (mayFit(value, options[name], takes[name])) continue
        const error = await outcomeOf(() => make({ ...options, [name]: value } as never))
        const said = error instanceof Error ? `${error.name}: ${error.message}` : 'taken'
        if (!said.startsWith('UserError'))
          faults.push(`${name} = ${typeof value} ${print(value)}: ${said.slice(0, 120)}`)
      }
    }
    expect(faults).toEqual([])
  })

  test('refuses what is no option, and what is no record', async () => {
    for (const name of [...words, 'Verbose', 'learning-rate']) {
      // An own property, as JSON.parse makes it.
      const given = Object.fromEntries([[name, 1]])
      expect(`${await outcomeOf(() => make({ ...options, ...given } as never))}`, name).toMatch(
        /^UserError: [\s\S]*has no (option|field)/,
      )
    }
    for (const value of [null, 3, 'a', new Map(), () => 0, Symbol('s')]) {
      // A penalty's factor may be given alone.
      if (value === 3 && options['l1'] !== options['l2']) continue
      expect(`${await outcomeOf(() => make(value as never))}`, String(value)).toMatch(/^UserError/)
    }
  })
})

function print(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return value.constructor?.name === 'Object' || Array.isArray(value) ? JSON.stringify(value) : value.constructor.name
  return String(value)
}

describe('names that every object has', () => {
  const config = modelToConfig(zooModel('lenet5').build())
  test.each(words)(
    '%s is no optimizer, loss, metric, schedule, callback, layer, activation, initializer or network',
    word => {
      const calls = [
        () => tiny().model.compile({ optimizer: word, loss: 'mse' }),
        () => tiny().model.compile({ optimizer: 'sgd', loss: word }),
        () => tiny().model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [word] }),
        () => optimizerFromConfig(word),
        () => optimizerFromConfig('sgd', { learningRate: { type: word } }),
        () => scheduleFromConfig(word, {}),
        () => lossFromConfig(word),
        () => metricFromConfig(word),
        () => zooModel(word),
        () => recipe(word),
        () => callbacksOf({ ...recipe('mnist-cnn'), callbacks: [{ type: word, config: {} }] }),
        () => modelFromConfig({ ...config, layers: [{ ...config.layers[0], type: word }] }),
        () => vocabulary.dense({ units: 2, activation: word as never }),
        () => vocabulary.dense({ units: 2, activation: { type: 'relu', [word]: 1 } as never }),
        () => vocabulary.dense({ units: 2, kernelInitializer: word as never }),
        () => vocabulary.dense({ units: 2, kernelInitializer: { type: 'Constant', [word]: 1 } as never }),
        () => vocabulary.dense({ units: 2, kernelRegularizer: word as never }),
        () => explain.namedKernel(word as never),
      ]
      for (const call of calls) {
        let error: unknown
        try {
          call()
        } catch (thrown) {
          error = thrown
        }
        if (word === '__proto__' && /\[word\]/.test(String(call))) continue
        expect(`${error}`, String(call)).toMatch(/^UserError/)
      }
    },
  )
})
