/** What the training loss says about the learning rate: too high (it does not settle, or was thrown off) or too low (still falling). */
import { largestOf, smallestOf } from '../base/extremes.ts'
import { type Finding, figure, roughPercent } from './finding.ts'
import { isDead, type RunFacts } from './run-facts.ts'
import { climbed, differences, endOf, indexOfHighest, level, mean, slope } from './shapes-of-curves.ts'
import type { WholeCurves } from './whole-curves.ts'

/**
 * The training loss itself rises or jumps, and does not come to rest: its rises add up to 15 % of its level and to half of its range; or it stays where chance is
 * after a wild start; or it hardly falls (by less than a fifth in the second half) while most units of a layer are dead: steps too long throw units
 * where no gradient reaches them.
 */
export function rateTooHigh(
  { epochs, loss, accuracy }: WholeCurves,
  { learningRate, perClass, units = [] }: RunFacts,
): Finding | undefined {
  if (loss.length < 3) return undefined
  const rate = learningRate === undefined ? 'the learning rate' : `the learning rate, now ${learningRate},`
  const finding = (index: number, evidence: string): Finding => ({
    kind: 'learning-rate-too-high',
    epoch: epochs[index]!,
    evidence,
    advice: `Lower ${rate} to a tenth or a thirtieth.`,
  })
  const moves = differences(loss)
  const range = largestOf(loss) - smallestOf(loss)
  const rises = moves.filter(move => move > 0)
  const climb = climbed(loss)
  const worst = indexOfHighest(moves) + 1
  if (rises.length >= 2 && climb >= 0.15 && climb * level(loss) >= 0.5 * range && !comesToRest(loss, range)) {
    return finding(
      worst,
      `The training loss does not settle: it rose in ${rises.length} of ${moves.length} epochs, the most in epoch ${epochs[worst]}, from ${figure(loss[worst - 1]!)} to ${figure(loss[worst]!)}.`,
    )
  }
  if (perClass?.length && accuracy && isThrownOff(loss, accuracy, perClass.length)) {
    return finding(
      0,
      `The first epoch threw the loss to ${figure(loss[0]!)}, above that of guessing (${figure(Math.log(perClass.length))}), and accuracy stays at chance (${roughPercent(endOf(accuracy, 3))}).`,
    )
  }
  const half = loss.length >> 1
  const dead = units.find(isDead)
  if (!dead || loss.length < 4 || endOf(loss, 2) < 0.8 * mean(loss.slice(half - 1, half + 1))) return undefined
  return finding(
    half,
    `The training loss hardly falls, from ${figure(loss[half]!)} in epoch ${epochs[half]} to ${figure(loss.at(-1)!)} at the end, and ${dead.dead} of ${dead.units} units of ${dead.layer} are dead.`,
  )
}

/**
 * The last tenth of a long training lies within a tenth of the range above the lowest. Few pictures in random variations make a loss
 * that goes up and down from epoch to epoch, however well it falls.
 */
function comesToRest(loss: readonly number[], range: number): boolean {
  return loss.length >= 20 && endOf(loss, Math.ceil(loss.length / 10)) <= smallestOf(loss) + 0.1 * range
}

/** Above the loss of guessing in the first epoch, and no better than guessing ever after. */
function isThrownOff(loss: readonly number[], accuracy: readonly number[], classes: number): boolean {
  const chanceLoss = Math.log(classes)
  const learnsNothing =
    accuracy.every(value => value <= 1.5 / classes) && loss.every(value => value >= 0.97 * chanceLoss)
  return learnsNothing && loss[0]! > 1.02 * chanceLoss
}

/**
 * The loss is still above half of where it began and falls in the last third at least half as fast as in the first. Fewer than six epochs,
 * and a run that was interrupted, are no sign of that: they are too short.
 */
export function rateTooLow(
  { epochs, loss }: WholeCurves,
  { valLoss }: WholeCurves,
  facts: RunFacts,
): Finding | undefined {
  if (loss.length < 6 || facts.interrupted) return undefined
  const third = Math.max(2, Math.ceil(loss.length / 3))
  const [begin, end] = [-slope(loss.slice(0, third)), -slope(loss.slice(-third))]
  const falls = differences(loss).filter(move => move < 0).length / (loss.length - 1)
  const high = loss.at(-1)! > 0.5 * loss[0]!
  const validates = !valLoss || slope(valLoss.slice(-third)) <= 0
  if (!(high && falls >= 0.8 && begin > 0 && end >= 0.5 * begin && validates)) return undefined
  const rate = facts.learningRate === undefined ? 'the learning rate' : `the learning rate, now ${facts.learningRate},`
  return {
    kind: 'learning-rate-too-low',
    epoch: epochs.at(-1)!,
    evidence: `The loss is still falling by ${figure(end)} an epoch at the end, by ${figure(begin)} at the beginning, from ${figure(loss[0]!)} to ${figure(loss.at(-1)!)}.`,
    advice: `Raise ${rate} threefold, then again; or train longer.`,
  }
}
