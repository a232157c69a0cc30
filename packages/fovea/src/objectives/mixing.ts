/**
 * Training on mixed pictures. Mixup (Zhang et al. 2017, "mixup: Beyond Empirical Risk Minimization") lays two pictures over one another,
 * CutMix (Yun et al. 2019) puts a box of one into the other; the loss is that of both labels, in the same shares. Here they are as data;
 * the step is made in engine/mixed-batch.ts.
 */
import { camelConfig, lookUp } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { Json, JsonRecord } from '../base/json.ts'
import { jsonRecord, number, optional, parse, record } from '../base/schema.ts'
import { formatShape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import type { Model } from '../network/model.ts'

/** What pictures of a batch are mixed by: made by `mixup` or `cutMix`. */
export interface Mixing {
  readonly kind: 'mixing'
  readonly type: 'Mixup' | 'CutMix'
  readonly config: {
    /** The share of a picture is drawn from Beta(α, α). */
    readonly alpha: number
    /** How many of the steps are mixed, from 0 to 1. */
    readonly probability: number
  }
}

/** Options of `mixup` and `cutMix`. */
export interface MixingOptions {
  /** The share λ of a picture is drawn from Beta(α, α): near 0 or 1 for a small α, uniform for 1. */
  readonly alpha?: number | undefined
  /** The chance that a step is mixed. Default 1. */
  readonly probability?: number | undefined
}

const types = ['Mixup', 'CutMix'] as const
const defaultAlpha = { Mixup: 0.2, CutMix: 1 }

/**
 * Mixup (Zhang et al. 2017): λ x + (1 − λ) x′, with the loss λ l(y) + (1 − λ) l(y′), λ from Beta(α, α) for each step. The partner x′ is the
 * next picture of the batch. Pictures are mixed as they are fed, in front of augmentation layers. Default alpha 0.2.
 */
export const mixup = (options: MixingOptions = {}): Mixing => makeMixing('Mixup', options)

/**
 * CutMix (Yun et al. 2019): a box of the next picture of the batch is put into each picture, in the same place for the whole batch; the loss
 * is λ l(y) + (1 − λ) l(y′), λ one less the exact share of the box. Default alpha 1.
 */
export const cutMix = (options: MixingOptions = {}): Mixing => makeMixing('CutMix', options)

/** From a name in any spelling and its options. Throws UserError for what is not known. */
export function mixingFromConfig(className: string, config: Readonly<Record<string, Json>> = {}): Mixing {
  const type = lookUp('mixing', className, types) as Mixing['type']
  return makeMixing(type, camelConfig(`Mixing ${type}`, parse(jsonRecord, config, `Mixing ${type}`)))
}

type Choice = { readonly type: string; readonly config: JsonRecord }

/** What a recipe says: a class with its options, or several. */
export const mixingOf = (choice: Choice | readonly Choice[] | undefined): readonly Mixing[] =>
  [choice ?? []].flat().map(({ type, config }) => mixingFromConfig(type, config))

function makeMixing(type: Mixing['type'], given: object): Mixing {
  const fields = {
    // So small an α that a share other than 0 and 1 is next to impossible is a mistake.
    alpha: optional(number({ least: 0.01, most: 1000 }), defaultAlpha[type]),
    probability: optional(number({ above: 0, most: 1 }), 1),
  }
  return { kind: 'mixing', type, config: parse(record(fields), given, `Mixing ${type}`) }
}

/** One or several, as a list. Throws UserError for what is none. */
export function mixingsOf(given: Mixing | readonly Mixing[] | undefined): readonly Mixing[] {
  if (given === undefined) return []
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  const other = list.find(each => (Object(each) as Partial<Mixing>).kind !== 'mixing')
  if (other === undefined && list.length > 0) return list as readonly Mixing[]
  throw new UserError({
    what: 'The mixing cannot be used.',
    expected: 'mixup(…), cutMix(…), or a list of them, of which each step takes one',
    received: list.length === 0 ? 'an empty list' : show(other),
  })
}

/** Throws UserError where a box cannot be cut out of what the model takes, or where a label is not one of the whole picture. */
export function checkMixing({ inputs, outputs }: Model, mixings: readonly Mixing[]): void {
  if (!mixings.some(({ type }) => type === 'CutMix')) return
  const fix = 'Take mixup(), or train without mixing.'
  if (inputs.length !== 1 || inputs[0]!.shape.length !== 3) {
    const received = inputs.map(({ name, shape }) => `${name} ${formatShape([-1, ...shape])}`).join(', ')
    throw new UserError({
      what: 'CutMix needs pictures.',
      expected: 'one input (None, height, width, channels)',
      received,
      fix,
    })
  }
  const local = outputs.find(({ shape }) => shape.length > 1)
  if (!local) return
  throw new UserError({
    what: `CutMix needs labels of whole pictures, and output '${local.name}' has one for each place.`,
    expected: 'outputs (None, classes)',
    received: formatShape([-1, ...local.shape]),
    fix,
  })
}
