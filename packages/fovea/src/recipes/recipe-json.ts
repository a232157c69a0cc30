/** A recipe from JSON that a user wrote or changed: every field checked, unknown ones answered with the nearest, all problems at once. */
import { camelConfig } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { JsonRecord } from '../base/json.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'
import {
  boolean,
  custom,
  jsonRecord,
  list,
  number,
  oneOf,
  optional,
  parse,
  record,
  text,
  that,
  union,
  whole,
} from '../base/schema.ts'
import { testViews } from '../base/test-views.ts'
import { distillationFields, loopFields } from '../base/training-numbers.ts'
import { typedRecord } from '../base/typed-record.ts'
import { averagesWeights, makeRecipe } from './common.ts'
import type { Choice, RecipeConfig, SizeStep, ValidationRule } from './recipe.ts'
import { scheduledOptions, scheduleOf } from './schedule-changes.ts'

const choice = typedRecord({})
const metricList = list(union(text, choice), "names, or classes {type: 'F1Score', config: {average: 'macro'}}")
const sizeSteps = list(
  record({ untilEpoch: whole(1), size: list(whole(1, 4096), 'height and width', { least: 2, most: 2 }) }),
  'steps {untilEpoch, size: [height, width]}',
)
const counted = record({ kind: oneOf(['first', 'seeded', 'stratified']), count: whole(1) })
const uncounted = record({ kind: oneOf(['test', 'given', 'none']) })

/** Where numbers stand that people look for at the top. */
const hints = {
  learningRate: 'put it into the config of optimizer: { "type": "Adam", "config": { "learningRate": 0.001 } }',
  learning_rate: 'put it into the config of optimizer: { "type": "Adam", "config": { "learningRate": 0.001 } }',
}

/** The SHA-256 of weights. */
const sha256 = that<string>('64 hexadecimal digits', value => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value))

const fields = {
  // It becomes the name of a folder.
  name: that<string>(
    'a name of at most 100 letters, digits, blanks, -, _ and .',
    value => typeof value === 'string' && /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(value),
  ),
  title: optional(text),
  dataset: union(text, record({ folder: text })),
  model: union(text, jsonRecord),
  augmentation: optional(list(choice, "random layers {type: 'RandomFlip', config: {mode: 'horizontal'}}")),
  from: optional(
    record({
      model: text,
      weightsSha256: sha256,
      headEpochs: optional(whole(0), 0),
      headLearningRate: optional(number({ above: 0 }), 0.001),
      cacheFeatures: optional(boolean, false),
      keepClasses: optional(boolean, false),
    }),
  ),
  teacher: optional(
    record({
      models: list(record({ model: text, weightsSha256: sha256 }), 'models {model, weightsSha256}', { least: 1 }),
      ...distillationFields,
    }),
  ),
  preprocess: custom('a preprocessing specification', value => parseSpec(value)),
  standardize: optional(boolean, false),
  validation: union(counted, uncounted),
  optimizer: choice,
  loss: optional(union(text, choice), 'categoricalCrossentropy'),
  metrics: optional(
    custom("a list of names, 'accuracy' among them", value =>
      Array.isArray(value) && value.includes('accuracy') ? parse(metricList, value, 'the list', 'Entry') : undefined,
    ),
    ['accuracy'],
  ),
  ...{ batchSize: loopFields.batchSize, epochs: loopFields.epochs },
  shuffle: optional(boolean, true),
  dropRemainder: optional(boolean, false),
  seed: optional(loopFields.seed, 1),
  learningRateByEpoch: optional(
    list(record({ afterEpoch: whole(0), learningRate: number({ least: 0 }) }), 'steps {afterEpoch, learningRate}'),
    [],
  ),
  classWeights: optional(oneOf(['balanced'])),
  mixing: optional(union(choice, list(choice, "mixings {type: 'CutMix', config: {alpha: 1}}", { least: 1 }))),
  sizes: optional(
    custom('steps {untilEpoch, size: [height, width]}, each until a later epoch than the one before', value => {
      const steps = parse(sizeSteps, value, 'the list', 'Field')
      return steps.every(({ untilEpoch }, index) => index === 0 || untilEpoch > steps[index - 1]!.untilEpoch)
        ? (steps as readonly SizeStep[])
        : undefined
    }),
  ),
  callbacks: optional(list(choice, "callbacks {type: 'EarlyStopping', config: {patience: 5}}"), []),
  test: oneOf(['best', 'last']),
  testViews: optional(testViews),
  selectedOnTestSet: optional(boolean),
  published: optional(record({ figure: text, params: optional(whole(0)) })),
}
const recipeSchema = record(fields, hints)

/** A recipe from JSON, as `fovea recipes NAME --json` prints it. Throws UserError with every problem. */
export function recipeFromJson(value: unknown): RecipeConfig {
  const { title, augmentation, from, selectedOnTestSet, published, ...read } = parse(
    recipeSchema,
    value,
    'the recipe',
    'Field',
  )
  if (read.validation.kind === 'none' && read.test === 'best') {
    throw new UserError({
      what: 'Without validation there is no best epoch',
      fix: "set test to 'last', or hold out samples",
    })
  }
  if (read.test === 'best' && read.callbacks.some(averagesWeights)) {
    throw new UserError({
      what: 'The recipe ends with a mean of weights, and tests those of the best epoch',
      expected: "test: 'last'",
      received: "test: 'best'",
      fix: "set test to 'last', or leave out StochasticWeightAveraging",
    })
  }
  return makeRecipe({
    ...read,
    optimizer: withOneSpelling(read.optimizer),
    title: title ?? read.name,
    validation: read.validation as ValidationRule,
    preprocess: read.preprocess as PreprocessSpec,
    ...(augmentation && { augmentation }),
    ...(from && { from }),
    ...(selectedOnTestSet !== undefined && { selectedOnTestSet }),
    ...(published && {
      published: { figure: published.figure, ...(published.params !== undefined && { params: published.params }) },
    }),
  })
}

/** Whoever changes or shows the learning rate, or the steps of its schedule, finds them under one name. */
function withOneSpelling({ type, config }: Choice): Choice {
  const own = camelConfig(`Optimizer ${type}`, config)
  const schedules = scheduledOptions.flatMap(key => {
    const schedule = scheduleOf({ type, config: own }, key)
    return schedule ? [[key, { ...(own[key] as JsonRecord), config: schedule }] as const] : []
  })
  return { type, config: { ...own, ...Object.fromEntries(schedules) } }
}
