/**
 * A recipe that begins with a trained model: its data and how they are split stay, network and preprocessing come from the model, and with
 * them other numbers of the training. In: a recipe, the model, how many pictures there are. Out: the recipe, as plain as any.
 *
 * Of itself it has two stages: the head alone, then everything at a lower rate. Batch normalization stays in inference mode in both: what it
 * knows of many pictures is better than what a batch of few says.
 */
import { UserError } from '../base/errors.ts'
import type { JsonRecord } from '../base/json.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { formatShape } from '../base/shape.ts'
import { modelToConfig } from '../network/config.ts'
import { type Model, withTrainable } from '../network/model.ts'
import { type Freeze, firstRandomLayers, withFirst, withFrozen, withNewHead } from '../network/transfer.ts'
import type { Beginning, Choice, LearningRateStep, RecipeConfig } from './recipe.ts'
import { plainModel } from './recipe-parts.ts'

export interface TrainedModel {
  /** Of its file. */
  readonly path: string
  readonly model: Model
  readonly preprocess: PreprocessSpec
  readonly weightsSha256: string
}

export interface TransferChoices {
  /** To train on. */
  readonly pictures: number
  /** Classes of the model go on under their names, new ones begin anew. Default false: all begin anew. */
  readonly keepClasses?: boolean | undefined
  /** Undefined: two stages. */
  readonly freeze?: Freeze | undefined
  /** Of the recipe, the stage of the head not counted; by default so many that few pictures are seen more often. */
  readonly epochs?: number | undefined
}

/**
 * For as many classes as the recipe's own network tells apart. Throws UserError where the model takes no pictures, has several ends, or
 * nothing to begin with.
 */
export function transferRecipe(recipe: RecipeConfig, trained: TrainedModel, choices: TransferChoices): RecipeConfig {
  checkEnds(trained)
  const { freeze } = choices
  const own = plainModel(recipe)
  const classes = Math.max(2, own.outputs[0]!.shape.at(-1)!)
  const begun = withNewHead(trained.model, { classes, penalty })
  // Few pictures are learned by heart unless they come in a little otherwise each time.
  const model = firstRandomLayers(begun).length > 0 ? begun : withFirst(begun, firstRandomLayers(own))
  const { published: _, augmentation: ___, ...kept } = recipe
  // Digits are made of drawings only for data that are such digits.
  const { digit: __, ...preprocess } = trained.preprocess
  const { digit, resize } = recipe.preprocess
  const training = stages(trained, choices)
  return {
    ...kept,
    name: `${recipe.name.slice(0, 91)}-transfer`,
    title: titleOf(trained, training, freeze),
    model: modelToConfig(
      freeze === undefined ? withoutStatistics(model) : withFrozen(model, freeze),
    ) as unknown as JsonRecord,
    // The size and the channels are the model's; what is shown of a picture is what the new classes are told by.
    preprocess: { ...preprocess, resize, ...(digit && preprocess.channels === 'grey' && { digit }) },
    standardize: false,
    loss: 'categoricalCrossentropy',
    callbacks: [],
    dropRemainder: false,
    ...training,
  }
}

/** Found on photographs (docs/log): 1,280 features of 20 pictures a class are learned by heart without it. */
const penalty = 0.03

const head = { learningRate: 0.01, steps: 400 }
const whole = { learningRate: 0.0003, steps: 300 }
const batchSize = 32

/** Epochs, so that there are so many steps. */
const epochsOf = (pictures: number, { steps }: { readonly steps: number }): number =>
  Math.min(200, Math.max(2, Math.ceil((steps * batchSize) / pictures)))

type Stages = Pick<RecipeConfig, 'optimizer' | 'epochs' | 'batchSize' | 'learningRateByEpoch'> & {
  readonly from: Beginning
}

function titleOf({ path }: TrainedModel, { from, epochs }: Stages, freeze: Freeze | undefined): string {
  const own = { 'all-but-head': 'the head alone', none: 'all layers' }
  const trained = typeof freeze === 'number' ? `all but the first ${freeze} layers` : own[freeze ?? 'none']
  const before = from.headEpochs > 0 ? `the head alone for ${from.headEpochs} epochs, then ` : ''
  return `Begins with ${path}: ${before}${trained} for ${epochs}${before === '' ? ' epochs' : ''}`
}

function stages(
  { path, weightsSha256 }: TrainedModel,
  { pictures, freeze, keepClasses = false, epochs: asked }: TransferChoices,
): Stages {
  const own = freeze === 'all-but-head' ? head : whole
  const { learningRate } = own
  const epochs = asked ?? epochsOf(pictures, own)
  const from: Beginning = {
    model: path,
    weightsSha256,
    headEpochs: freeze === undefined ? epochsOf(pictures, head) : 0,
    headLearningRate: head.learningRate,
    cacheFeatures: freeze === 'all-but-head',
    keepClasses,
  }
  return {
    from,
    optimizer: adamAt(learningRate),
    epochs,
    batchSize,
    learningRateByEpoch: falling(learningRate, epochs),
  }
}

/** A third from the middle on, a tenth in the last fifth: at one rate, the last step is as good as chance would have it. */
function falling(rate: number, epochs: number): LearningRateStep[] {
  const after = (share: number, factor: number) => ({
    afterEpoch: Math.ceil(share * epochs) - 1,
    learningRate: rate * factor,
  })
  return [after(0.5, 1 / 3), after(0.8, 1 / 10)].filter(({ afterEpoch }) => afterEpoch >= 0)
}

const adamAt = (learningRate: number): Choice => ({ type: 'Adam', config: { learningRate } })

/** All layers trained but those that would take the statistics of a batch. */
function withoutStatistics(model: Model): Model {
  return withTrainable(model, layer => layer.traits.batchStatistics !== true)
}

function checkEnds({ path, model: { inputs, outputs } }: TrainedModel): void {
  const [input] = inputs
  const isPicture = input!.shape.length === 3 && [1, 3].includes(input!.shape[2]!)
  if (inputs.length === 1 && outputs.length === 1 && isPicture) return
  throw new UserError({
    what: `A recipe cannot begin with ${path}`,
    expected: 'one input of height × width × 1 or 3, and one output',
    received: `inputs ${inputs.map(({ shape }) => formatShape(shape)).join(', ')}; ${outputs.length} output${outputs.length === 1 ? '' : 's'}`,
    fix: 'train it through the library: transferFrom(await loadModel(path), {classes})',
  })
}
