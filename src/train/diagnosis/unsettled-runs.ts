/**
 * What keeps a run from being called healthy though no curve looks ill: it knows nothing yet, it was stopped while it still
 * improved, or it knows its training pictures far better than others. In: curves that no other rule speaks of. Out: a finding or none.
 */
import type { Curves } from './curves.ts'
import { type Finding, figure, percent } from './finding.ts'
import type { RunFacts } from './run-facts.ts'
import { endOf, indexOfLowest } from './shapes-of-curves.ts'

export function unsettled(curves: Curves, facts: RunFacts): Finding | undefined {
  return atChance(curves, facts) ?? onlyOneEpoch(curves) ?? stoppedEarly(curves) ?? learnedByHeart(curves)
}

/** The best accuracy is less than a fifth of chance × (1 − chance) above chance: under 11.8 % for ten classes, 55 % for two. */
function atChance({ epochs, accuracy, valAccuracy }: Curves, { perClass }: RunFacts): Finding | undefined {
  const measured = valAccuracy ?? accuracy
  if (!measured || !perClass || perClass.length === 0) return undefined
  const chance = 1 / Math.max(2, perClass.length)
  const best = Math.max(...measured)
  if (best - chance >= 0.2 * chance * (1 - chance)) return undefined
  return {
    kind: 'underfitting',
    epoch: epochs.at(-1)!,
    evidence: `${valAccuracy ? 'Validation' : 'Training'} accuracy was never better than ${percent(best)}, and guessing gives ${percent(chance)}.`,
    advice:
      'Train longer on more pictures; if it stays so, try other learning rates (ten times as high and as low) and check that pictures and labels belong together.',
  }
}

/** One epoch, and an accuracy under 70 %: there is no curve to read. */
function onlyOneEpoch({ epochs, loss, accuracy, valAccuracy }: Curves): Finding | undefined {
  const reached = (valAccuracy ?? accuracy)?.at(-1)
  if (loss.length !== 1 || reached === undefined || reached >= 0.7) return undefined
  return {
    kind: 'underfitting',
    epoch: epochs[0]!,
    evidence: `One epoch was trained, and accuracy has come to ${percent(reached)}: too little to say more.`,
    advice: 'Train for more epochs.',
  }
}

/** An accuracy under 70 % (without one, more than half of the first loss left), when the last epoch lowered the loss by 2 % and validation loss too. */
function stoppedEarly({ epochs, loss, accuracy, valLoss, valAccuracy }: Curves): Finding | undefined {
  if (loss.length < 2) return undefined
  const measured = valAccuracy ?? accuracy
  const poor = measured ? measured.at(-1)! < 0.7 : loss.at(-1)! > 0.5 * loss[0]!
  const falls = loss.at(-1)! < 0.98 * loss.at(-2)! && (!valLoss || indexOfLowest(valLoss) === valLoss.length - 1)
  if (!poor || !falls) return undefined
  const validation = valLoss ? `, and validation loss to ${figure(valLoss.at(-1)!)}` : ''
  const reached = measured ? `; accuracy has come to ${percent(measured.at(-1)!)}` : ''
  return {
    kind: 'learning-rate-too-low',
    epoch: epochs.at(-1)!,
    evidence: `Training ended while it still helped: in the last epoch the loss fell from ${figure(loss.at(-2)!)} to ${figure(loss.at(-1)!)}${validation}${reached}.`,
    advice: 'Train longer; if it goes on as slowly, raise the learning rate (threefold, then again).',
  }
}

/** Training accuracy ends 15 points above validation accuracy (means of the last three epochs). */
function learnedByHeart({ epochs, accuracy, valAccuracy, valLoss, loss }: Curves): Finding | undefined {
  if (!accuracy || !valAccuracy || accuracy.length < 3) return undefined
  const [trained, validated] = [endOf(accuracy, 3), endOf(valAccuracy, 3)]
  if (trained - validated < 0.15) return undefined
  const lowest = indexOfLowest(valLoss ?? loss)
  return {
    kind: 'overfitting',
    epoch: epochs[lowest]!,
    evidence: `Accuracy ends at ${percent(trained)} in training and ${percent(validated)} in validation: much of what it learns holds only for the training pictures.`,
    advice: 'Add dropout, augmentation or weight decay; more training pictures help most.',
  }
}
