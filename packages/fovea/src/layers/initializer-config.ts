/**
 * Configurations of initializers: what an option may say ('glorotUniform', 'he_normal', {type: 'Constant', value: 0.1}) and the
 * complete JSON form kept in a model. Defaults are Keras 3's.
 */

import { nearest, UserError } from '../base/errors.ts'
import { custom, optional, type Schema } from '../base/schema.ts'
import { show } from '../base/show.ts'

export type InitializerConfig =
  | {
      readonly type:
        | 'Zeros'
        | 'Ones'
        | 'Dirac'
        | 'GlorotUniform'
        | 'GlorotNormal'
        | 'HeUniform'
        | 'HeNormal'
        | 'LecunUniform'
        | 'LecunNormal'
    }
  | { readonly type: 'Constant'; readonly value: number }
  | { readonly type: 'Identity' | 'Orthogonal'; readonly gain: number }
  | { readonly type: 'RandomUniform'; readonly minval: number; readonly maxval: number }
  | { readonly type: 'RandomNormal' | 'TruncatedNormal'; readonly mean: number; readonly stddev: number }
  | {
      readonly type: 'VarianceScaling'
      readonly scale: number
      readonly mode: 'fanIn' | 'fanOut' | 'fanAvg'
      readonly distribution: 'uniform' | 'truncatedNormal' | 'untruncatedNormal'
    }

type InitializerType = InitializerConfig['type']

/** A name ('glorotUniform', 'zeros' …) or a configuration; absent numbers take their defaults. */
export type Initializer =
  | Uncapitalize<InitializerType>
  | InitializerType
  | (InitializerConfig | { readonly type: InitializerType })

const defaults: Readonly<Record<InitializerType, Readonly<Record<string, number | string>>>> = {
  Zeros: {},
  Ones: {},
  Dirac: {},
  GlorotUniform: {},
  GlorotNormal: {},
  HeUniform: {},
  HeNormal: {},
  LecunUniform: {},
  LecunNormal: {},
  Constant: { value: 0 },
  Identity: { gain: 1 },
  Orthogonal: { gain: 1 },
  RandomUniform: { minval: -0.05, maxval: 0.05 },
  RandomNormal: { mean: 0, stddev: 0.05 },
  TruncatedNormal: { mean: 0, stddev: 0.05 },
  VarianceScaling: { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' },
}
const words: Readonly<Record<string, readonly string[]>> = {
  mode: ['fanIn', 'fanOut', 'fanAvg'],
  distribution: ['uniform', 'truncatedNormal', 'untruncatedNormal'],
}

/** Normalises a name or configuration; throws UserError when it is neither. */
export function initializerConfig(given: unknown): InitializerConfig {
  const { type, ...parameters } = (typeof given === 'object' && given !== null ? given : { type: given }) as Record<
    string,
    unknown
  >
  const known = Object.keys(defaults) as InitializerType[]
  const plain = (word: string): string => word.replaceAll('_', '').toLowerCase()
  const name = typeof type === 'string' ? known.find(candidate => plain(candidate) === plain(type)) : undefined
  if (name === undefined) {
    const suggestion = typeof type === 'string' ? nearest(type, known) : undefined
    throw new UserError({
      what: 'unknown initializer.',
      expected: known.join(', '),
      received: show(given),
      ...(suggestion === undefined ? {} : { fix: `did you mean "${suggestion}"?` }),
    })
  }
  for (const [parameter, value] of Object.entries(parameters)) {
    const model = defaults[name][parameter]
    const fine =
      typeof model === 'string'
        ? words[parameter]?.includes(value as string)
        : typeof model === 'number' && Number.isFinite(value)
    if (!fine) {
      throw new UserError({
        what: `initializer ${name} cannot take ${parameter} = ${show(value)}.`,
        expected: `numbers or words for: ${Object.keys(defaults[name]).join(', ') || 'nothing'}`,
      })
    }
  }
  return { type: name, ...defaults[name], ...parameters } as unknown as InitializerConfig
}

export function initializerField(fallback: InitializerType): Schema<InitializerConfig> {
  const expected = `an initializer: ${Object.keys(defaults).join(', ')}`
  return optional(custom(expected, initializerConfig), initializerConfig(fallback))
}
