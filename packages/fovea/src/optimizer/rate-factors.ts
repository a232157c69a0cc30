/**
 * Learning rates of single weights: `rateFactors: { bias: 64, 'whitening/kernel': 0 }` multiplies the rate of a weight by a factor.
 * A key is a whole weight name or its last part; the whole name counts before the part. In: the optimizer's configuration. Out: the
 * factor of a weight, and what the rule's scalars are called under it. From "How to Train Your ResNet 8: Bag of Tricks" (Page 2019),
 * as in airbench (Jordan 2024): biases learn 64 times as fast as kernels.
 */
import { nearest, type Problem, UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'

type Config = Readonly<Record<string, Json>>
interface Weight {
  readonly name: string
  readonly trainable: boolean
}

const factorsOf = (config: Config): Readonly<Record<string, number>> =>
  (config['rateFactors'] ?? {}) as Readonly<Record<string, number>>

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** 1 where no key means the weight; 0: the optimizer leaves the weight as it is. */
export function rateFactorOf(config: Config, name: string): number {
  const factors = factorsOf(config)
  const key = [name, lastPart(name)].find(each => Object.hasOwn(factors, each))
  return key === undefined ? 1 : factors[key]!
}

/** The factors for which a rule needs scalars of its own. */
export const scaledFactors = (config: Config): readonly number[] =>
  [...new Set(Object.values(factorsOf(config)))].filter(factor => factor !== 0 && factor !== 1)

/** What a scalar is called that is made of the rate times a factor. */
export const scaledName = (scalar: string, factor: number): string => `${scalar}*${factor}`

/** The weights that an optimizer changes. */
export const trainedWeights = <W extends Weight>(weights: readonly W[], { config }: { readonly config: Config }): W[] =>
  weights.filter(({ name, trainable }) => trainable && rateFactorOf(config, name) !== 0)

/** Throws UserError for factors that no weight of the model has. */
export function checkRateFactors({ config }: { readonly config: Config }, weights: readonly Weight[]): void {
  const names = weights.map(({ name }) => name)
  const known = [...new Set([...names.map(lastPart), ...names])]
  const problems = Object.keys(factorsOf(config)).flatMap((key): Problem[] => {
    if (known.includes(key)) return []
    const close = nearest(key, known)
    return [
      {
        what: `rateFactors names '${key}', and the model has no such weight.`,
        expected: known.join(', '),
        received: key,
        ...(close !== undefined && { fix: `Did you mean '${close}'?` }),
      },
    ]
  })
  if (problems.length > 0) throw new UserError(problems)
}
