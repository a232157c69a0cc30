/** `fovea summary MODEL`: the layers of a recipe, a saved model or a run, with shapes and parameters. */

import type { Model } from 'fovea/internal/network/model'
import { summarize, summary as summaryTable } from 'fovea/internal/network/summary'
import { zoo } from 'fovea/internal/network/zoo/zoo'
import { recipes } from 'fovea/internal/recipes/recipes'
import { command } from '../command/command.ts'
import type { SummaryDocument } from '../command/documents.ts'
import { modelOf } from '../command/model-words.ts'
import { nextForModel } from '../command/next-command.ts'
import { commonOptions, flag } from '../command/options.ts'

export const summary = command({
  positional: {
    name: 'MODEL',
    help: 'a recipe, its configuration file, a network, a model file or a run directory',
    least: 1,
    most: 1,
  },
  options: { formulas: flag('how each parameter count comes about'), ...commonOptions },
  examples: ['summary mnist-cnn', 'summary cifar10-cnn --formulas', 'summary googlenet --json'],
  run: async (_, { values, words: [word] }) => {
    const model = await modelOf(word!)
    const formulas = values.formulas === true
    return {
      document: summaryDocument(model, formulas),
      text: summaryTable(model, { formulas }),
      next: await nextFor(word!, formulas, model),
    }
  },
})

/** Networks that no recipe trains can only be looked at. */
async function nextFor(word: string, formulas: boolean, model: Model): Promise<string> {
  if (recipes.some(recipe => recipe.name === word)) return `train ${word}`
  if (Object.hasOwn(zoo, word)) return formulas ? 'recipes' : `summary ${word} --formulas`
  return nextForModel(word, model)
}

export function summaryDocument(model: Model, formulas: boolean): SummaryDocument {
  const { name, layers, params } = summarize(model)
  return {
    name,
    layers: layers.map(layer => ({
      name: layer.name,
      type: layer.type,
      outputShape: layer.outputShape.map(extent => (extent === -1 ? null : extent)),
      params: layer.params,
      ...(formulas && layer.formula !== undefined ? { formula: layer.formula } : {}),
      ...(model.kind === 'functional' ? { connectedTo: layer.connectedTo } : {}),
    })),
    params,
  }
}
