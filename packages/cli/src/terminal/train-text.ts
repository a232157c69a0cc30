/** What `train` says to people at its end: the test, or why there is none, then validation, time and where all of it lies. */
import { largestOf } from 'fovea/internal/base/extremes'
import { testViewsText } from 'fovea/internal/base/test-views'
import { duration, inBytes, percent } from 'fovea/internal/base/text'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { metricTexts, type TrainReport } from 'fovea/internal/run/report'
import type { EndReason } from 'fovea/internal/train/events'

/** Why training itself ended, and why all of the run did: the test may be interrupted after a training that came to its end. */
export interface Ended {
  readonly training: EndReason
  readonly run: EndReason
}

export function trainText(report: TrainReport, config: RecipeConfig, ended: Ended): string {
  const { epochs, seconds, msPerStep, threads, compileSeconds, peakBytes, weightsSha256, runDir } = report
  const time = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} in ${duration(seconds)}`
  const machine = `${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled in ${duration(compileSeconds)}, ${inBytes(peakBytes)}`
  return [
    '',
    outcome(report, config, ended),
    ...validation(report, config),
    `${time} (${msPerStep > 0 ? `${msPerStep.toFixed(2)} ms a step, ` : ''}${machine})`,
    `Weights ${weightsSha256}`,
    ...(runDir ? [`Run directory ${runDir}`] : []),
  ].join('\n')
}

function outcome({ test, best, epochs }: TrainReport, config: RecipeConfig, ended: Ended): string {
  if (test === null) {
    if (ended.run !== 'aborted') return 'Not tested: there are no test pictures.'
    return ended.training === 'aborted'
      ? `Interrupted in epoch ${epochs + 1}: what is trained so far is saved, the test is left out.`
      : 'Interrupted in the test: training came to its end and is saved, nothing was tested.'
  }
  const tested = config.test === 'best' && best ? `the weights of epoch ${best.epoch}` : 'the last weights'
  const seen = test.views === undefined ? '' : `, the mean over ${testViewsText[test.views]}`
  const selected = config.selectedOnTestSet ? ' (selected on the test set)' : ''
  const others = metricTexts(test.metrics ?? {}).map(text => `, ${text}`)
  return `Test accuracy ${percent(test.accuracy)}, loss ${test.loss.toFixed(4)}${others.join('')}, with ${tested}${seen}${selected}`
}

/** `Validation accuracy: best 97.90 %, last 97.70 %`; of one epoch there is one. */
function validation({ history }: TrainReport, config: RecipeConfig): string[] {
  const accuracies = history.flatMap(epoch => epoch.valAccuracy ?? [])
  const where = config.validation.kind === 'test' ? ' on the test set' : ''
  if (accuracies.length === 0) return []
  const last = percent(accuracies.at(-1)!)
  return accuracies.length === 1
    ? [`Validation accuracy${where}: ${last}`]
    : [`Validation accuracy${where}: best ${percent(largestOf(accuracies))}, last ${last}`]
}
