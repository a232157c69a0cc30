/** A recipe from JSON that a user wrote or changed: every field checked, unknown ones answered with the nearest, all problems at once. */
import { nearest, type Problem, problemsOf, UserError } from '../../base/errors.ts'
import { isJsonRecord, type JsonRecord } from '../../base/json.ts'
import { type PreprocessSpec, parseSpec } from '../../preprocess/spec.ts'
import { makeRecipe } from './common.ts'
import type { RecipeConfig } from './recipe.ts'

interface Field {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
  readonly optional?: true
}

const text: Field = { expected: 'a text', fits: value => typeof value === 'string' && value !== '' }
const flag: Field = { expected: 'true or false', fits: value => typeof value === 'boolean' }
const whole = (least: number): Field => ({
  expected: `a whole number of at least ${least}`,
  fits: value => Number.isSafeInteger(value) && Number(value) >= least,
})
const list = (expected: string, fits: (item: unknown) => boolean): Field => ({
  expected: `a list of ${expected}`,
  fits: value => Array.isArray(value) && value.every(fits),
})
const optional = (field: Field): Field => ({ ...field, optional: true })

const isChoice = (value: unknown): boolean =>
  isJsonRecord(value) && typeof value['type'] === 'string' && isJsonRecord(value['config'])
const isStep = (value: unknown): boolean =>
  isJsonRecord(value) && whole(0).fits(value['afterEpoch']) && isRate(value['learningRate'])
const isRate = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isRule = (value: unknown): boolean =>
  isJsonRecord(value) &&
  (value['kind'] === 'test' ||
    value['kind'] === 'none' ||
    (['first', 'seeded', 'stratified'].includes(String(value['kind'])) && whole(1).fits(value['count'])))

const fields: Readonly<Record<keyof RecipeConfig, Field>> = {
  // It becomes the name of a folder.
  name: {
    expected: 'a name of letters, digits, blanks, -, _ and .',
    fits: value => typeof value === 'string' && /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(value),
  },
  title: optional(text),
  dataset: text,
  model: {
    expected: "the name of a network, or a model's configuration",
    fits: value => text.fits(value) || isJsonRecord(value),
  },
  preprocess: { expected: 'a preprocessing specification', fits: isJsonRecord },
  standardize: optional(flag),
  validation: {
    expected: "{kind: 'first' | 'seeded' | 'stratified', count} or {kind: 'test'} or {kind: 'none'}",
    fits: isRule,
  },
  optimizer: { expected: "{type: 'RMSprop', config: {learningRate: 0.001}}", fits: isChoice },
  loss: optional(text),
  metrics: optional({
    expected: "a list of names, 'accuracy' among them",
    fits: value => Array.isArray(value) && value.every(text.fits) && value.includes('accuracy'),
  }),
  batchSize: whole(1),
  epochs: whole(1),
  shuffle: optional(flag),
  dropRemainder: optional(flag),
  seed: optional(whole(0)),
  learningRateByEpoch: optional(list('{afterEpoch, learningRate}', isStep)),
  callbacks: optional(list("{type: 'EarlyStopping', config: {patience: 5}}", isChoice)),
  test: { expected: "'best' or 'last'", fits: value => value === 'best' || value === 'last' },
  selectedOnTestSet: optional(flag),
  published: optional({
    expected: '{figure, params}',
    fits: value => isJsonRecord(value) && typeof value['figure'] === 'string',
  }),
}

/** The recipe in parsed JSON. Throws one UserError with every problem. */
export function recipeFromJson(value: unknown): RecipeConfig {
  if (!isJsonRecord(value)) {
    throw new UserError({
      what: 'This is no recipe',
      expected: 'an object, as `fovea recipes NAME --json` prints it',
      received: JSON.stringify(value)?.slice(0, 60) ?? String(value),
    })
  }
  const names = Object.keys(fields)
  const problems: Problem[] = []
  for (const key of Object.keys(value)) {
    if (names.includes(key)) continue
    const close = nearest(key, names)
    problems.push({
      what: `A recipe has no field "${key}"`,
      expected: names.join(', '),
      ...(close !== undefined && { fix: `did you mean "${close}"?` }),
    })
  }
  for (const [name, field] of Object.entries(fields)) {
    const given = value[name]
    if (given === undefined ? field.optional : field.fits(given)) continue
    problems.push({
      what: given === undefined ? `The recipe lacks "${name}"` : `The recipe's "${name}" cannot be used`,
      expected: field.expected,
      ...(given !== undefined && { received: JSON.stringify(given).slice(0, 80) }),
    })
  }
  const given = value as JsonRecord & { readonly preprocess: PreprocessSpec }
  if (isJsonRecord(value['preprocess'])) problems.push(...problemsOf(() => parseSpec(value['preprocess'])))
  if (
    isRule(value['validation']) &&
    (value['validation'] as JsonRecord)['kind'] === 'none' &&
    value['test'] === 'best'
  ) {
    problems.push({ what: 'Without validation there is no best epoch', fix: "set test to 'last', or hold out samples" })
  }
  if (problems.length > 0) throw new UserError(problems)
  return makeRecipe({ ...(given as unknown as RecipeConfig), title: String(value['title'] ?? value['name']) })
}
