/**
 * What keeps a run from being called healthy though no curve looks ill: it knows nothing yet, it was stopped while it still
 * improved, or it knows its training pictures far better than others. In: curves that no other rule speaks of, of training with
 * validation and of training alone. Out: a finding or none.
 */
import { largestOf, smallestOf } from '../base/extremes.ts'
import { againstLearningByHeart, whenInterrupted } from './advice.ts'
import { counted, type Finding, figure, roughPercent } from './finding.ts'
import { interruption, type RunFacts } from './run-facts.ts'
import { endOf, indexOfLowest } from './shapes-of-curves.ts'
import type { WholeCurves } from './whole-curves.ts'

export function unsettled(curves: WholeCurves, training: WholeCurves, facts: RunFacts): Finding | undefined {
  return (
    hardlyBegun(training, facts) ??
    atChance(curves, facts) ??
    onlyOneEpoch(training) ??
    stoppedEarly(curves, training, facts) ??
    learnedByHeart(curves, facts)
  )
}

/** Interrupted after an epoch or two: there is no curve to read, and what is bad may be bad for that alone. */
function hardlyBegun({ epochs, loss }: WholeCurves, facts: RunFacts): Finding | undefined {
  if (!facts.interrupted || epochs.length > 2) return undefined
  return {
    kind: 'stopped-early',
    epoch: epochs.at(-1)!,
    evidence: `${interruption(epochs.length, facts)}, at a loss of ${figure(loss.at(-1)!)}: too soon to say more.`,
    advice: whenInterrupted(),
  }
}

/** The best accuracy is less than a fifth of chance × (1 − chance) above chance: under 11.8 % for ten classes, 55 % for two. */
function atChance(
  { epochs, accuracy, valAccuracy }: WholeCurves,
  { perClass, interrupted }: RunFacts,
): Finding | undefined {
  const measured = valAccuracy ?? accuracy
  if (!measured || !perClass || perClass.length === 0) return undefined
  const isNear = (values: readonly number[], chance: number): boolean =>
    largestOf(values) - chance < 0.2 * chance * (1 - chance)
  const finding = (guessing: string): Finding => ({
    kind: 'underfitting',
    epoch: epochs.at(-1)!,
    evidence: `${valAccuracy ? 'Validation' : 'Training'} accuracy was never better than ${roughPercent(largestOf(measured))}, and ${guessing}.`,
    advice: interrupted
      ? `${whenInterrupted()} If it stays so, try other learning rates and check that pictures and labels belong together.`
      : 'Train longer on more pictures; if it stays so, try other learning rates (ten times as high and as low) and check that pictures and labels belong together.',
  })
  const chance = 1 / Math.max(2, perClass.length)
  if (isNear(measured, chance)) return finding(`guessing gives ${roughPercent(chance)}`)
  // Where most pictures are of one class, always to name that one is often right. Validation may be mixed otherwise: training is not.
  const often = largestOf(perClass) / perClass.reduce((sum, count) => sum + count, 0)
  const learnsNothing = often > chance && [measured, accuracy ?? measured].every(values => isNear(values, often))
  return learnsNothing ? finding(`always naming the largest class gives ${roughPercent(often)}`) : undefined
}

/** One epoch, and an accuracy under 70 %: there is no curve to read. */
function onlyOneEpoch({ epochs, loss, accuracy, valAccuracy }: WholeCurves): Finding | undefined {
  const reached = (valAccuracy ?? accuracy)?.at(-1)
  if (loss.length !== 1 || reached === undefined || reached >= 0.7) return undefined
  return {
    kind: 'underfitting',
    epoch: epochs[0]!,
    evidence: `One epoch was trained, and accuracy has come to ${roughPercent(reached)}: too little to say more.`,
    advice: 'Train for more epochs.',
  }
}

/** The last epoch lowered the loss by 2 %, and accuracy is under 70 % (without one, more than half of the first loss is left), or training was interrupted. */
function stoppedEarly(curves: WholeCurves, training: WholeCurves, facts: RunFacts): Finding | undefined {
  const { loss, accuracy, valAccuracy } = curves
  if (!endsLowest(curves) || loss.at(-1)! >= 0.98 * loss.at(-2)!) return undefined
  const measured = valAccuracy ?? accuracy
  const poor = measured ? measured.at(-1)! < 0.7 : loss.at(-1)! > 0.5 * loss[0]!
  return poor || facts.interrupted ? improving(curves, training, facts) : undefined
}

/**
 * Of a run with which nothing is wrong: the last epoch still helped. It lowered the loss by 5 % of what is left and of all that it fell, or raised
 * accuracy by a point and a tenth of all that it rose.
 */
export function stillImproving(curves: WholeCurves, training: WholeCurves, facts: RunFacts): Finding | undefined {
  if (!endsLowest(curves)) return undefined
  const { loss, accuracy, valLoss, valAccuracy } = curves
  const judged = valLoss ?? loss
  const end = judged.at(-1)!
  const fall = smallestOf(judged.slice(0, -1)) - end
  const measured = valAccuracy ?? accuracy ?? []
  const rise = measured.length === 0 ? 0 : measured.at(-1)! - largestOf(measured.slice(0, -1))
  const falls = fall > 0.05 * end && fall > 0.05 * (judged[0]! - end)
  const rises = rise >= 0.01 && rise > 0.1 * (measured.at(-1)! - measured[0]!)
  return falls || rises ? improving(curves, training, facts) : undefined
}

/** The last epoch lowered the loss, and no epoch was better in validation. */
function endsLowest({ loss, valLoss }: WholeCurves): boolean {
  return loss.length >= 2 && loss.at(-1)! < loss.at(-2)! && (!valLoss || indexOfLowest(valLoss) === valLoss.length - 1)
}

function improving(curves: WholeCurves, training: WholeCurves, facts: RunFacts): Finding {
  const { epochs, loss, accuracy, valLoss, valAccuracy } = curves
  const measured = valAccuracy ?? accuracy
  const validation = valLoss ? `, validation loss from ${figure(valLoss.at(-2)!)} to ${figure(valLoss.at(-1)!)}` : ''
  const reached = measured
    ? `; ${valAccuracy ? 'validation' : 'training'} accuracy has come to ${roughPercent(measured.at(-1)!)}`
    : ''
  const done = training.epochs.length
  const ended = facts.interrupted ? interruption(done, facts) : `Training was stopped after ${counted(done, 'epoch')}`
  return {
    kind: 'stopped-early',
    epoch: epochs.at(-1)!,
    evidence: `${ended}, while it still improved: from epoch ${epochs.at(-2)} to ${epochs.at(-1)} the loss fell from ${figure(loss.at(-2)!)} to ${figure(loss.at(-1)!)}${validation}${reached}.`,
    advice: facts.interrupted
      ? whenInterrupted()
      : 'Train longer; if it goes on as slowly, raise the learning rate (threefold, then again).',
  }
}

/** Training accuracy ends 15 points above validation accuracy (means of the last three epochs). */
function learnedByHeart(
  { epochs, accuracy, valAccuracy, valLoss, loss }: WholeCurves,
  { means }: RunFacts,
): Finding | undefined {
  if (!accuracy || !valAccuracy || accuracy.length < 3) return undefined
  const [trained, validated] = [endOf(accuracy, 3), endOf(valAccuracy, 3)]
  if (trained - validated < 0.15) return undefined
  const lowest = indexOfLowest(valLoss ?? loss)
  return {
    kind: 'overfitting',
    epoch: epochs[lowest]!,
    evidence: `Accuracy ends at ${roughPercent(trained)} in training and ${roughPercent(validated)} in validation: much of what it learns holds only for the training pictures.`,
    advice: againstLearningByHeart(means),
  }
}
