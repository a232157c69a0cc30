/**
 * A recipe for somebody's own pictures, from numbers alone: how many there are of each class, and how many classes. In: those numbers and
 * what the user wants otherwise. Out: the recipe, and a sentence that says why it is this one.
 *
 * Few pictures are seen often, many seldom: epochs = 250 · √(120 / n), within 10 … 250, so the work grows with √n and not with n.
 * The wider small-cnn (1,000 pictures and more) begins with 350: it needs longer, and a step of the residual network costs twice as much.
 */
import { UserError } from '../base/errors.ts'
import { largestOf, smallestOf } from '../base/extremes.ts'
import type { JsonRecord } from '../base/json.ts'
import { modelToConfig } from '../network/config.ts'
import type { Model } from '../network/model.ts'
import { smallResnet } from '../network/zoo/resnet.ts'
import { type OwnNetworkOptions, smallCnn } from '../network/zoo/small-cnn.ts'
import { makeRecipe } from './common.ts'
import type { RecipeConfig } from './recipe.ts'

/** What is known of a set of own pictures. */
export interface OwnPictures {
  /** Of the recipe, and of the run directories. */
  readonly name: string
  readonly folder: string
  readonly classNames: readonly string[]
  /** Training pictures of each class; those that are still to be held out of them are counted too. */
  readonly counts: readonly number[]
  /** Whether the set has a validation part of its own. */
  readonly validation?: boolean | undefined
  /** Pictures of its test part. */
  readonly test?: number | undefined
}

/** What may be asked for instead of what the numbers suggest. */
export interface OwnPicturesChoices {
  readonly recipe?: OwnNetworkName | undefined
  /** Side of the square that pictures are made to. */
  readonly size?: number | undefined
  /** The whole picture out of proportion (the default), its middle, or the whole with black margins. */
  readonly resize?: 'cover' | 'contain' | 'stretch' | undefined
  /** False where a mirrored picture is one of another class. */
  readonly mirror?: boolean | undefined
}

const networks = { 'small-cnn': smallCnn, resnet: smallResnet } satisfies Record<
  string,
  (options: OwnNetworkOptions) => Model
>
export type OwnNetworkName = keyof typeof networks
/** The networks that own pictures are trained with, by name. */
export const ownNetworkNames = Object.keys(networks) as readonly OwnNetworkName[]

/**
 * Pictures of a class from which on some are held out, and choose the epoch that is tested: of fewer, each is needed to learn from, and
 * what so few say of an epoch is chance.
 */
const heldOutFrom = 40
/** Pictures of a class from which on residual blocks have enough to learn from. */
const resnetFrom = 500
/** How much larger one class may be than another before classes are weighted. */
const unevenFrom = 1.5

/** Whether classes of so many training pictures are weighted by their size. */
export const isUneven = (counts: readonly number[]): boolean => largestOf(counts) >= unevenFrom * smallestOf(counts)

/** Throws UserError for a set of fewer than two classes, and for a class without training pictures. */
export function ownPicturesRecipe(
  { name, folder, classNames, counts, validation = false, test = 0 }: OwnPictures,
  choices: OwnPicturesChoices = {},
): { readonly recipe: RecipeConfig; readonly reason: string } {
  checkClasses(classNames, counts)
  const classes = classNames.length
  const total = counts.reduce((sum, count) => sum + count, 0)
  const perClass = total / classes
  const network = choices.recipe ?? (perClass >= resnetFrom ? 'resnet' : 'small-cnn')
  const size = choices.size ?? 64
  const batchSize = total < 1000 ? 16 : total < 20_000 ? 32 : 64
  const filters = total < 1000 ? 16 : 32
  const epochs = epochsFor(total, network === 'small-cnn' && filters === 32 ? 350 : 250)
  const model = networks[network]({ classes, inputShape: [size, size, 3], filters, mirror: choices.mirror ?? true })
  const judged = perClass >= heldOutFrom
  const uneven = isUneven(counts)
  const recipe = makeRecipe({
    name,
    title: `${network} for ${classes} classes of own pictures`,
    dataset: { folder },
    model: modelToConfig(model) as unknown as JsonRecord,
    preprocess: { shape: [size, size, 3], channels: 'rgb', resize: choices.resize ?? 'stretch' },
    // Of few, nothing is chosen by what is seen on the way: curves may be those of the test part. Of one larger than the training part
    // they would take longer than training.
    validation: { kind: validation || judged ? 'given' : test > 0 && test <= total ? 'test' : 'none' },
    selectedOnTestSet: false,
    optimizer: {
      type: 'AdamW',
      config: {
        learningRate: {
          type: 'OneCycle',
          config: { maxLearningRate: 0.004, warmupFraction: 0.2 },
        },
        weightDecay: 0.01,
      },
    },
    // Without it, a network that knows its few pictures by heart is sure of everything else too.
    loss: { type: 'CategoricalCrossentropy', config: { labelSmoothing: 0.1 } },
    batchSize,
    epochs,
    ...(uneven && { classWeights: 'balanced' }),
    // The rate has its end in view: what plateaus at its height may still get better when it falls.
    callbacks: judged ? [{ type: 'EarlyStopping', config: { patience: Math.ceil(epochs / 2) } }] : [],
    test: judged ? 'best' : 'last',
  })
  const why = choices.recipe !== undefined ? 'as asked' : enough(perClass)
  const weighted = uneven ? ', classes weighted by their size' : ''
  return {
    recipe,
    reason: `${total} pictures of ${classes} classes ${why}: ${network}, ${size}×${size}, ${epochs} epochs${weighted}.`,
  }
}

const epochsFor = (total: number, often: number): number =>
  Math.round(Math.min(250, Math.max(10, often * Math.sqrt(120 / total))))

function enough(perClass: number): string {
  return perClass < 100 ? 'are few' : perClass < resnetFrom ? 'are some' : 'are many'
}

function checkClasses(classNames: readonly string[], counts: readonly number[]): void {
  if (classNames.length < 2) {
    throw new UserError({
      what: 'One class cannot be told from another where there is only one',
      expected: 'at least two classes',
      received: classNames.join(', ') || 'none',
      fix: 'add a folder with pictures of something else',
    })
  }
  const empty = classNames.filter((_, label) => !(counts[label]! > 0))
  if (empty.length === 0) return
  throw new UserError({
    what: 'There are classes without training pictures',
    expected: 'at least one picture of each class',
    received: empty.join(', '),
    fix: 'add pictures, or take the folder away',
  })
}
