/**
 * Configurations of initializers: what an option may say ('glorotUniform', 'he_normal', {type: 'Constant', value: 0.1}) and the
 * complete JSON form kept in a model. Defaults are Keras 3's.
 */

import { nearest, UserError } from '../base/errors.ts'
import { custom, optional, type Schema } from '../base/schema.ts'
import { show } from '../base/show.ts'

/** A pure function of shape and seed. */
type SeededConfig =
  | {
      readonly type:
        | 'Zeros'
        | 'Ones'
        | 'GlorotUniform'
        | 'GlorotNormal'
        | 'HeUniform'
        | 'HeNormal'
        | 'LecunUniform'
        | 'LecunNormal'
    }
  | { readonly type: 'Constant'; readonly value: number }
  /** The first filters pass the inputs on, one each; `others`: how those beyond them begin. */
  | { readonly type: 'Dirac'; readonly others: SeededConfig }
  | { readonly type: 'Identity' | 'Orthogonal'; readonly gain: number }
  | { readonly type: 'RandomUniform'; readonly minval: number; readonly maxval: number }
  | { readonly type: 'RandomNormal' | 'TruncatedNormal'; readonly mean: number; readonly stddev: number }
  | {
      readonly type: 'VarianceScaling'
      readonly scale: number
      readonly mode: 'fanIn' | 'fanOut' | 'fanAvg'
      readonly distribution: 'uniform' | 'truncatedNormal' | 'untruncatedNormal'
    }

/** Computed from what reaches the layer (patch-whitening.ts); zeros until then. */
export interface PatchWhiteningConfig {
  readonly type: 'PatchWhitening'
  /** Added to each eigenvalue. */
  readonly epsilon: number
}

export type InitializerConfig = SeededConfig | PatchWhiteningConfig

type SeededType = SeededConfig['type']
type InitializerType = InitializerConfig['type']

/**
 * A name ('glorotUniform', 'zeros' …) or a configuration; absent numbers take their defaults. PyTorch's own for convolutions is
 * `{type: 'VarianceScaling', scale: 1 / 3, distribution: 'uniform'}`.
 */
export type Initializer =
  | Uncapitalize<SeededType>
  | SeededType
  | (SeededConfig | { readonly type: SeededType })
  | { readonly type: 'Dirac'; readonly others?: Initializer | undefined }

/** The filters that whiten patches of training pictures (patch-whitening.ts). Default of epsilon: 5e-4. */
export type PatchWhitening =
  | 'patchWhitening'
  | 'PatchWhitening'
  | { readonly type: 'PatchWhitening'; readonly epsilon?: number | undefined }

type Parameter = number | string | SeededConfig

const defaults: Readonly<Record<InitializerType, Readonly<Record<string, Parameter>>>> = {
  Zeros: {},
  Ones: {},
  Dirac: { others: { type: 'Zeros' } },
  GlorotUniform: {},
  GlorotNormal: {},
  HeUniform: {},
  HeNormal: {},
  LecunUniform: {},
  LecunNormal: {},
  Constant: { value: 0 },
  Identity: { gain: 1 },
  Orthogonal: { gain: 1 },
  PatchWhitening: { epsilon: 5e-4 },
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
  const own = Object.fromEntries(
    Object.entries(parameters).map(([parameter, value]) => [parameter, parameterOf(name, parameter, value)]),
  )
  return { type: name, ...defaults[name], ...own } as unknown as InitializerConfig
}

function parameterOf(type: InitializerType, parameter: string, value: unknown): unknown {
  const model = defaults[type][parameter]
  if (typeof model === 'object') {
    const config = seededConfig(value)
    if (config.type !== type) return config
  } else if (typeof model === 'string' ? words[parameter]?.includes(value as string) : isNumber(model, value)) {
    return value
  }
  throw new UserError({
    what: `initializer ${type} cannot take ${parameter} = ${show(value)}.`,
    expected: `numbers, words or another initializer for: ${Object.keys(defaults[type]).join(', ') || 'nothing'}`,
  })
}

const isNumber = (model: unknown, value: unknown): boolean => typeof model === 'number' && Number.isFinite(value)

/** One that needs no data. Throws UserError as `initializerConfig` does, and for one that does. */
export function seededConfig(given: unknown): InitializerConfig {
  const config = initializerConfig(given)
  if (!isOfData(config)) return config
  throw new UserError({
    what: `initializer ${config.type} is for the kernel of a Conv2D alone.`,
    received: show(given),
  })
}

export const isOfData = (config: InitializerConfig): config is PatchWhiteningConfig => config.type === 'PatchWhitening'

export function initializerField(
  fallback: InitializerType,
  read: (given: unknown) => InitializerConfig = seededConfig,
): Schema<InitializerConfig> {
  const expected = `an initializer: ${Object.keys(defaults).join(', ')}`
  return optional(custom(expected, read), initializerConfig(fallback))
}
