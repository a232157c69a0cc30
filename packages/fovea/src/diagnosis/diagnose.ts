/**
 * Reads a run: what its curves say, with the evidence and what to change. In: curves, and what else is known of the run. Out:
 * findings, worst first; `healthy` alone when there is nothing to say. The phenomena are those that tutorials teach people to look
 * for; each rule states its threshold.
 */

import { UserError } from '../base/errors.ts'
import { largestOf, smallestOf } from '../base/extremes.ts'
import type { LayerUnits } from '../runner/run-units.ts'
import {
  againstDeadUnits,
  againstFewSamples,
  againstOscillation,
  againstOverfitting,
  againstShift,
  againstUnderfitting,
  whenHealthy,
  whenInterrupted,
} from './advice.ts'
import type { Curves } from './curves.ts'
import { diverged } from './divergence.ts'
import { counted, type Finding, figure, findingKinds, roughPercent } from './finding.ts'
import { rateTooHigh, rateTooLow } from './learning-rate.ts'
import { interruption, isDead, isSaturated, type RunFacts } from './run-facts.ts'
import { differences, endOf, indexOfHighest, indexOfLowest, mean, roughness, slope, turns } from './shapes-of-curves.ts'
import { stillImproving, unsettled } from './unsettled-runs.ts'
import { trainingCurves, type WholeCurves, wholeCurves } from './whole-curves.ts'

/** Fewer training samples of a class than this teach a network little about it. */
const FEW_SAMPLES = 100
/** Largest class over smallest. */
const IMBALANCE = 4

/** Throws UserError for curves without any loss. */
export function diagnose(curves: Curves, facts: RunFacts = {}): Finding[] {
  const found = [...readCurves(curves, facts), ...readFacts(facts)]
  found.sort((a, b) => findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind))
  if (found.length > 0) return found
  const both = wholeCurves(curves)
  return [stillImproving(both, trainingCurves(curves), facts) ?? healthy(both, facts)]
}

function readCurves(curves: Curves, facts: RunFacts): Finding[] {
  const broken = diverged(curves, facts)
  if (broken) return [broken]
  const training = trainingCurves(curves)
  if (training.epochs.length === 0) {
    throw new UserError({ what: 'No epoch has a loss: there is nothing to read.', fix: 'Train for an epoch at least.' })
  }
  const wild = rateTooHigh(training, facts)
  if (wild) return [wild]
  const both = wholeCurves(curves)
  const few = fewSamples(both, facts)
  const apart = few ? undefined : distributionShift(both, facts)
  const over = apart ? undefined : overfitting(both, facts)
  const unsteady = over || few || apart ? undefined : oscillating(both, facts)
  const slow =
    over || few || apart || unsteady
      ? undefined
      : (rateTooLow(training, both, facts) ?? underfitting(both, facts) ?? unsettled(both, training, facts))
  return [few, apart, over, unsteady, slow].filter(finding => finding !== undefined)
}

/** Too few pictures of some class, and they are learned by heart: training accuracy 10 points above validation (or nothing to compare with). */
function fewSamples({ accuracy, valAccuracy }: WholeCurves, { perClass, means }: RunFacts): Finding | undefined {
  if (!perClass || perClass.length === 0) return undefined
  const least = smallestOf(perClass)
  if (least >= FEW_SAMPLES) return undefined
  const gap = accuracy && valAccuracy ? endOf(accuracy, 3) - endOf(valAccuracy, 3) : undefined
  if (gap !== undefined && gap < 0.1) return undefined
  const learned =
    gap === undefined
      ? ''
      : ` Training accuracy is ${roughPercent(endOf(accuracy!, 3))}, validation ${roughPercent(endOf(valAccuracy!, 3))}.`
  return {
    kind: 'few-samples',
    epoch: null,
    evidence: `The smallest class has ${counted(least, 'training sample')}.${learned}`,
    advice: againstFewSamples(means, FEW_SAMPLES),
  }
}

/** Validation is worse by half from the first epochs on, when there was no time to learn anything by heart, and keeps its distance. */
function distributionShift(
  { epochs, loss, accuracy, valLoss, valAccuracy }: WholeCurves,
  { means }: RunFacts,
): Finding | undefined {
  if (!valLoss || loss.length < 3) return undefined
  const early = [0, 1, 2]
  if (!early.every(index => valLoss[index]! >= 1.5 * loss[index]!)) return undefined
  if (accuracy && valAccuracy && !early.every(index => accuracy[index]! - valAccuracy[index]! >= 0.1)) return undefined
  const gap = (index: number): number => valLoss[index]! - loss[index]!
  const last = loss.length - 1
  if (gap(last) > 2 * Math.max(gap(0), gap(1))) return undefined
  return {
    kind: 'distribution-shift',
    epoch: epochs[0]!,
    evidence: `From the first epoch on validation is far worse than training (loss ${figure(valLoss[0]!)} against ${figure(loss[0]!)}), and stays so: ${figure(valLoss[last]!)} against ${figure(loss[last]!)}.`,
    advice: againstShift(means),
  }
}

/** Validation loss ends at least 5 % above its lowest, rising since (three times as far as it jumps), while the training loss fell. */
function overfitting(
  { epochs, loss, valLoss, accuracy, valAccuracy }: WholeCurves,
  { means }: RunFacts,
): Finding | undefined {
  if (!valLoss || loss.length < 3) return undefined
  const lowest = indexOfLowest(valLoss)
  const after = valLoss.slice(lowest)
  if (after.length < 3) return undefined
  const rise = endOf(after.slice(1), 3) / valLoss[lowest]! - 1
  const trains = loss.at(-1)! < loss[lowest]!
  if (!(trains && rise >= 0.05 && slope(after) > 0 && rise >= 3 * roughness(after))) return undefined
  const accuracies =
    accuracy && valAccuracy
      ? ` Accuracy ends at ${roughPercent(accuracy.at(-1)!)} in training, ${roughPercent(valAccuracy.at(-1)!)} in validation.`
      : ''
  return {
    kind: 'overfitting',
    epoch: epochs[lowest]!,
    evidence: `Validation loss was lowest in epoch ${epochs[lowest]} (${figure(valLoss[lowest]!)}) and rose to ${figure(valLoss.at(-1)!)}, while training loss fell from ${figure(loss[lowest]!)} to ${figure(loss.at(-1)!)}.${accuracies}`,
    advice: againstOverfitting(means),
  }
}

/** Validation loss turns at every second epoch at least, by 6 % of its level on average, while training is calm. */
function oscillating({ epochs, loss, valLoss }: WholeCurves, { means }: RunFacts): Finding | undefined {
  if (!valLoss || valLoss.length < 4) return undefined
  const [rough, often] = [roughness(valLoss), turns(valLoss)]
  if (!(often >= 0.5 && rough >= 0.06 && rough >= 2 * roughness(loss))) return undefined
  const moves = differences(valLoss)
  const worst = indexOfHighest(moves) + 1
  return {
    kind: 'oscillating',
    epoch: epochs[worst]!,
    evidence: `Validation loss goes up and down by ${roughPercent(rough)} of its level; the largest jump is in epoch ${epochs[worst]}, from ${figure(valLoss[worst - 1]!)} to ${figure(valLoss[worst]!)}.`,
    advice: againstOscillation(means),
  }
}

/** Loss and validation loss hardly move in the second half (3 %) and are high: accuracy under 70 %, or more than half of the first loss left. */
function underfitting({ epochs, loss, accuracy, valLoss }: WholeCurves, { means }: RunFacts): Finding | undefined {
  if (loss.length < 4) return undefined
  const half = loss.length >> 1
  const isFlat = (values: readonly number[]): boolean =>
    Math.abs(mean(values.slice(-2)) - mean(values.slice(half - 1, half + 1))) <=
    0.03 * mean(values.slice(half - 1, half + 1))
  const high = accuracy ? endOf(accuracy, 2) < 0.7 : loss.at(-1)! > 0.5 * loss[0]!
  if (!(high && isFlat(loss) && (!valLoss || isFlat(valLoss)))) return undefined
  const validation = valLoss ? ` and validation loss ${figure(valLoss.at(-1)!)}` : ''
  const reached = accuracy ? `, at an accuracy of ${roughPercent(accuracy.at(-1)!)}` : ''
  return {
    kind: 'underfitting',
    epoch: epochs[half]!,
    evidence: `Since epoch ${epochs[half]} nothing moves: loss ${figure(loss.at(-1)!)}${validation}${reached}.`,
    advice: againstUnderfitting(means),
  }
}

function readFacts({ perClass, units = [], means }: RunFacts): Finding[] {
  const findings: Finding[] = []
  const dead = units.filter(isDead)
  const saturated = units.filter(isSaturated)
  if (dead.length + saturated.length > 0) {
    const list = (layers: readonly LayerUnits[], kind: 'dead' | 'saturated'): string =>
      layers.map(layer => `${layer[kind]} of ${layer.units} in ${layer.layer} (${layer.activation})`).join(', ')
    findings.push({
      kind: 'saturated-units',
      epoch: null,
      evidence: [
        ...(dead.length > 0 ? [`Dead units, 0 for every picture: ${list(dead, 'dead')}.`] : []),
        ...(saturated.length > 0 ? [`Units at the end of their range: ${list(saturated, 'saturated')}.`] : []),
      ].join(' '),
      advice: againstDeadUnits(means),
    })
  }
  const [least, most] = perClass?.length ? [smallestOf(perClass), largestOf(perClass)] : [1, 1]
  if (most >= IMBALANCE * least) {
    findings.push({
      kind: 'class-imbalance',
      epoch: null,
      evidence: `The largest class has ${counted(most, 'training sample')}, the smallest ${least}.`,
      advice:
        'Give classWeight (samples ÷ (classes × samples of the class)), or collect more of the rare classes; look at recall per class, not at accuracy.',
    })
  }
  return findings
}

/** Validation loss above its lowest by so much is worth a word. */
const RISE = 0.01

/** Healthy so far; a rise that begins is told before it is overfitting by the rule above. */
function healthy({ epochs, loss, valLoss }: WholeCurves, facts: RunFacts): Finding {
  const best = indexOfLowest(valLoss ?? loss)
  const measured = valLoss ? `validation loss ${figure(valLoss[best]!)}` : `training loss ${figure(loss[best]!)}`
  const single = epochs.length === 1
  const where = single ? `after one epoch: ${measured}` : `${measured} in the best epoch, ${epochs[best]}`
  const rises = valLoss && valLoss.at(-1)! >= (1 + RISE) * valLoss[best]! && loss.at(-1)! < loss[best]!
  const risen = rises
    ? ` It has risen since, to ${figure(valLoss.at(-1)!)}, while training loss still falls: overfitting may begin.`
    : ''
  const short = epochs.length < 3 ? ` ${single ? 'One epoch is' : 'Two epochs are'} few to read.` : ''
  const blind = valLoss ? '' : ' Nothing was validated: how it does on other pictures does not show.'
  const ended = facts.interrupted ? ` ${interruption(epochs.length, facts)}.` : ''
  return {
    kind: 'healthy',
    epoch: epochs[best]!,
    evidence: `Nothing to worry about${single ? ' ' : ': '}${where}.${risen}${short}${blind}${ended}`,
    advice: facts.interrupted ? whenInterrupted() : whenHealthy(facts.means, valLoss !== undefined),
  }
}
