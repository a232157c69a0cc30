/** `fovea evaluate MODEL… --dataset NAME`: loss, metrics and confusion matrix of a saved model on a test set; of several, what they are together. */

import { testViewsText } from 'fovea/internal/base/test-views'
import { duration, grouped, shellWord } from 'fovea/internal/base/text'
import { sourceRange } from 'fovea/internal/data/parts-of-source'
import { labelledPictures } from 'fovea/internal/engine/picture-rows'
import { confusionMatrix, predictedClasses } from 'fovea/internal/objectives/classification-report'
import { metricTexts } from 'fovea/internal/run/report'
import { command, type Outcome } from '../command/command.ts'
import { datasetOptions } from '../command/dataset-options.ts'
import type { EvaluateDocument } from '../command/documents.ts'
import type { EnsembleDocument } from '../command/ensemble-documents.ts'
import { noteDevice, noteLimit } from '../command/no-effect.ts'
import { commonOptions, textOption, wholeOption } from '../command/options.ts'
import { deviceOptions, viewsChosen, viewsOption } from '../command/recipe-options.ts'
import { confusionText } from '../terminal/confusion-text.ts'
import { ensembleText } from '../terminal/ensemble-text.ts'
import { evaluateTogether } from './evaluate-together.ts'
import { evaluatorOf } from './saved-evaluator.ts'
import { savedModel } from './saved-model.ts'
import type { Member } from './several-models.ts'
import { testPictures } from './test-pictures.ts'

export const evaluate = command({
  positional: {
    name: 'MODEL…',
    help: 'a model file or a run directory; of several, each and the mean of their probabilities are measured',
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  options: {
    dataset: textOption('NAME', 'a data set, or a folder of pictures (default: the one the model was trained on)'),
    limit: wholeOption('N', 'only the first N test pictures'),
    views: { ...viewsOption, help: `${viewsOption.help} (default: as its recipe tests)` },
    threads: deviceOptions.threads,
    ...datasetOptions,
    ...commonOptions,
  },
  examples: [
    'evaluate runs/shapes-cnn-1-1',
    'evaluate runs/cifar10-cnn-1-1 --views mirror',
    'evaluate runs/mnist-cnn-1-1 --dataset mnist --json',
    'evaluate runs/mnist-cnn-1-1 runs/mnist-cnn-2-1 runs/mnist-cnn-3-1',
  ],
  run: (context, { values, words }) =>
    context.interruptible(async (signal): Promise<Outcome<EvaluateDocument | EnsembleDocument>> => {
      const viewsOf = ({ saved }: Pick<Member, 'saved'>) =>
        values.views === undefined ? saved.recipe?.testViews : viewsChosen(values.views)
      const [word] = words
      if (words.length > 1) {
        noteDevice(context, values)
        const document = await evaluateTogether(words, values, viewsOf, context, signal)
        const next = `predict ${words.map(shellWord).join(' ')} your-picture.png`
        return { document, text: ensembleText(document, context.stdout.columns), next }
      }
      const saved = await savedModel(word!, context)
      const { name, pictures: test } = await testPictures(saved, values.dataset, values, context, signal)
      noteDevice(context, values)
      noteLimit(context, 'limit', values.limit, test.count, 'test pictures')
      const pictures = sourceRange(test, 0, Math.min(values.limit ?? test.count, test.count))
      const evaluator = evaluatorOf(saved, values.threads)
      try {
        const rows = labelledPictures(saved.model, evaluator.targets, pictures)
        const views = viewsOf({ saved })
        const { logs, predictions, seconds, complete } = await evaluator.evaluate(rows, { signal, views })
        if (!complete) signal.throwIfAborted()
        const { loss, accuracy, ...others } = logs as Record<string, number> & { loss: number; accuracy: number }
        const document: EvaluateDocument = {
          model: saved.path,
          dataset: name,
          samples: pictures.count,
          ...(views !== undefined && { views }),
          loss,
          accuracy,
          metrics: { accuracy, ...others },
          classNames: test.classNames,
          confusionMatrix: confusionMatrix(
            pictures.labels,
            classesOf(predictions[saved.model.outputs[0]!.name]!, pictures.count),
            test.classNames.length,
          ),
          seconds,
        }
        return {
          document,
          text: report(document, context.stdout.columns),
          next: `predict ${shellWord(word!)} your-picture.png`,
        }
      } finally {
        await evaluator.dispose()
      }
    }),
})

/** An output of one unit tells two classes apart. */
function classesOf(predictions: Float32Array, count: number): Int32Array {
  const units = predictions.length / count
  return units === 1 ? Int32Array.from(predictions, p => (p > 0.5 ? 1 : 0)) : predictedClasses(predictions, units)
}

function report(document: EvaluateDocument, width: number): string {
  const { model, dataset, samples, views, loss, metrics, seconds } = document
  const seen = views === undefined ? '' : `, the mean over ${testViewsText[views]}`
  const values = metricTexts(metrics)
  const pictures = samples === 1 ? '1 test picture' : `${grouped(samples)} test pictures`
  const line = `${model} on ${pictures} of ${dataset}${seen}: loss ${loss.toFixed(4)}, ${values.join(', ')} (${duration(seconds)})`
  return `${line}\n\n${confusionText(document, width)}`
}
