/**
 * What to change, in one or two sentences. In: what the recipe does already, where that is known. Out: advice that leaves that out.
 */
import type { RecipeMeans } from './recipe-means.ts'

type Known = RecipeMeans | undefined

/** `a, b or c`. */
const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`

export function againstOverfitting(means: Known): string {
  const stop = means?.bestWeights
    ? `The weights of that epoch are kept${means.earlyStopping ? '' : '; EarlyStopping would save the epochs after it'}.`
    : means?.earlyStopping
      ? 'Go back to that epoch with restoreBestWeights.'
      : 'Stop there (EarlyStopping with restoreBestWeights).'
  return `${stop} ${againstLearningByHeart(means)}`
}

/** What keeps a network from learning by heart. */
export function againstLearningByHeart(means: Known): string {
  const missing = [
    ...(means?.dropout ? [] : ['dropout']),
    ...(means?.augmentation ? [] : ['augmentation']),
    ...(means?.weightDecay ? [] : ['weight decay']),
  ]
  const others = 'a smaller model or more training pictures'
  return missing.length === 0 ? `${capital(others)} would help.` : `Add ${either(missing)}; ${others} would help too.`
}

export function againstFewSamples(means: Known, enough: number): string {
  const augment = means?.augmentation ? '' : ', or augment them: random flips, shifts, rotations'
  return `Collect more pictures (some ${enough} of each class at the least)${augment}.`
}

export function againstUnderfitting(means: Known): string {
  const less = [
    ...(means && !means.dropout ? [] : ['dropout']),
    ...(means && !means.weightDecay ? [] : ['weight decay']),
  ]
  const easier = less.length === 0 ? '' : `, or less ${either(less)}`
  return `Take a bigger model (more filters, another layer)${easier}; check that pictures and labels belong together.`
}

export function againstOscillation(means: Known): string {
  const steps = [
    'lower the learning rate (a third)',
    ...(means?.fallingRate ? [] : ['let it fall over the epochs']),
    'take larger batches',
  ]
  return `${capital(either(steps))}; more validation samples make the curve calmer too.`
}

export function againstDivergence(means: Known): string {
  const clip = means?.clipping ? '' : 'clip gradients (clipnorm) and '
  return `Lower the learning rate to a tenth; if that does not help, ${clip}look for broken values in the data.`
}

export function againstShift(means: Known): string {
  const split =
    means === undefined
      ? ', and that the split is shuffled (stratified)'
      : means.validation === 'first'
        ? ', and draw the validation samples by class (stratified) instead of taking the first'
        : ''
  const what = means?.validation === 'test' ? 'test' : 'validation'
  return `Check that training and ${what} pictures come from the same source and are prepared the same way${split}.`
}

export function againstDeadUnits(means: Known): string {
  const steps = [
    'lower the learning rate',
    means?.heInitialization ? 'use leakyRelu or elu' : 'use He initialization with relu (or leakyRelu, elu)',
    ...(means?.batchNormalization ? [] : ['put batch normalization before the activation']),
  ]
  return `${capital(either(steps))}.`
}

export function whenInterrupted(): string {
  return 'Go on with it: train --resume and its run directory.'
}

export function whenHealthy(means: Known, validated: boolean): string {
  if (!validated) return 'Hold out validation samples: only they show how it does on pictures it has not seen.'
  if (means?.validation === 'test') {
    return 'Validation was done on the test set, which flatters the test a little; a test on pictures of your own says more.'
  }
  return 'Go on: a test on pictures of your own says more than these curves.'
}
