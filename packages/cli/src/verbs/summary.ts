/** `fovea summary MODEL`: the layers of a recipe, a saved model or a run, with shapes and parameters. */

import { problemsOf } from 'fovea/internal/base/errors'
import { shellWord } from 'fovea/internal/base/text'
import type { Model } from 'fovea/internal/network/model'
import { summarize, summary as summaryTable } from 'fovea/internal/network/summary'
import { zoo } from 'fovea/internal/network/zoo/zoo'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { recipes } from 'fovea/internal/recipes/recipes'
import { command } from '../command/command.ts'
import type { SummaryDocument } from '../command/documents.ts'
import { modelOf } from '../command/model-words.ts'
import { nextForModel } from '../command/next-command.ts'
import { noteFitted } from '../command/no-effect.ts'
import { commonOptions, flag } from '../command/options.ts'
import { checkTrainable, recipeOf } from '../command/recipe-options.ts'

export const summary = command({
  positional: {
    name: 'MODEL',
    help: 'a recipe, its configuration file, a network, a model file or a run directory',
    least: 1,
    most: 1,
  },
  options: { formulas: flag('how each parameter count comes about'), ...commonOptions },
  examples: ['summary mnist-cnn', 'summary cifar10-cnn --formulas', 'summary googlenet --json'],
  run: async (context, { values, words: [word] }) => {
    const model = await modelOf(word!, context)
    const recipe = await recipeIn(word!)
    const problems = recipe === undefined ? [] : problemsOf(() => checkTrainable(recipe, {}))
    if (recipe) noteFitted(context, recipe)
    const formulas = values.formulas === true
    return {
      document: summaryDocument(model, formulas),
      text: summaryTable(model, { formulas }),
      next: problems.length > 0 ? `summary ${shellWord(word!)}` : await nextFor(word!, formulas, model),
      failed:
        problems.length > 0
          ? [{ file: word!, problems: [{ what: `${word} cannot be trained as it stands:` }, ...problems] }]
          : [],
    }
  },
})

/** The recipe in a configuration file; undefined for one of a network alone, and for everything else. */
const recipeIn = async (word: string): Promise<RecipeConfig | undefined> =>
  word.endsWith('.json') ? recipeOf(word).catch(() => undefined) : undefined

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
