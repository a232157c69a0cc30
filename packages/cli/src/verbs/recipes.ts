/** `fovea recipes`: what can be trained. `fovea recipes NAME`: one of them; with `--json` the configuration that `train` takes. */

import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import { testViewsText } from 'fovea/internal/base/test-views'
import { columns, definitions, grouped, shellWord } from 'fovea/internal/base/text'
import { briefConfig } from 'fovea/internal/network/brief-config'
import { modelFromConfig } from 'fovea/internal/network/config'
import { parameterCounts } from 'fovea/internal/network/weights'
import { zooModel } from 'fovea/internal/network/zoo/zoo'
import type { Choice, RecipeConfig } from 'fovea/internal/recipes/recipe'
import { recipes as allRecipes, recipe } from 'fovea/internal/recipes/recipes'
import { command } from '../command/command.ts'
import type { RecipesDocument } from '../command/documents.ts'
import { commonOptions } from '../command/options.ts'
import { asUsage, UsageError } from '../command/usage-error.ts'

export const recipes = command<typeof commonOptions, RecipesDocument | RecipeConfig>({
  positional: { name: 'NAME', help: 'the recipe to show', least: 0, most: 1 },
  options: commonOptions,
  examples: ['recipes', 'recipes mnist-cnn', 'recipes mnist-cnn --json'],
  run: async ({ program }, { words: [name] }) => {
    if (name === undefined) {
      const document = { recipes: allRecipes.map(describe) }
      return { document, text: overview(document), next: 'train shapes-cnn' }
    }
    if (name.endsWith('.json')) {
      const call = shellWord(name)
      const fix = `Look at it with: fovea summary ${call}; train it with: fovea train ${call}`
      throw new UsageError({ what: `${name} is a file, and recipes shows the published recipes.`, fix })
    }
    const config = await asUsage(() => recipe(name))
    return { document: written(config), text: details(config, program), next: `train ${name}` }
  },
})

/** With its layers, the first that is changed: `train` takes them as it takes the name of the network. */
function written(config: RecipeConfig): RecipeConfig {
  if (typeof config.model !== 'string') return config
  return { ...config, model: briefConfig(zooModel(config.model).build()) as unknown as JsonRecord }
}

function describe(config: RecipeConfig): RecipesDocument['recipes'][number] {
  const { name, title, dataset, batchSize, epochs, published, selectedOnTestSet } = config
  return {
    name,
    title,
    dataset: nameOfDataset(dataset),
    params: paramsOf(config),
    batchSize,
    epochs,
    ...(published === undefined ? {} : { published: published.figure }),
    selectedOnTestSet,
  }
}

function paramsOf({ model }: RecipeConfig): number {
  return typeof model === 'string'
    ? Object.values(zooModel(model).parameters).reduce((sum, count) => sum + count, 0)
    : parameterCounts(modelFromConfig(model)).total
}

function overview({ recipes }: RecipesDocument): string {
  const titles = definitions(
    recipes.map(({ name, title }) => [name, title] as const),
    '',
  )
  const numbers = columns([
    { title: 'recipe', cells: recipes.map(recipe => recipe.name) },
    { title: 'data', cells: recipes.map(recipe => recipe.dataset) },
    { title: 'parameters', cells: recipes.map(recipe => grouped(recipe.params)), align: 'right' },
    { title: 'batch', cells: recipes.map(recipe => String(recipe.batchSize)), align: 'right' },
    { title: 'epochs', cells: recipes.map(recipe => String(recipe.epochs)), align: 'right' },
    { title: 'published', cells: recipes.map(recipe => recipe.published ?? '') },
  ])
  return `${titles}\n\n${numbers}`
}

function details(config: RecipeConfig, program: string): string {
  const { validation, optimizer } = config
  const heldOut = {
    first: 'the first training pictures',
    seeded: 'training pictures drawn by seed',
    stratified: 'training pictures drawn by seed, as many of each class',
    test: 'the test set',
    given: "the data set's own validation part",
    none: 'none',
  }
  const count = 'count' in validation ? `${grouped(validation.count)}, ` : ''
  return [
    `${config.name}: ${config.title}`,
    '',
    definitions(
      [
        ['Data', nameOfDataset(config.dataset)],
        [
          'Model',
          `${typeof config.model === 'string' ? config.model : 'as written'}, ${grouped(paramsOf(config))} parameters`,
        ],
        ['Validation', count + heldOut[validation.kind]],
        ...(config.augmentation ?? []).map(layer => ['Augmentation', choiceText(layer)] as const),
        ['Optimizer', choiceText(optimizer)],
        ['Loss', typeof config.loss === 'string' ? config.loss : choiceText(config.loss)],
        [
          'Training',
          `batches of ${config.batchSize}${config.dropRemainder ? ' (no smaller one at the end)' : ''}, ${config.epochs} epochs${config.shuffle ? ', shuffled' : ''}`,
        ],
        ...config.learningRateByEpoch.map(
          ({ afterEpoch, learningRate }) => ['', `learning rate ${learningRate} after epoch ${afterEpoch}`] as const,
        ),
        ...[config.mixing ?? []].flat().map(mixing => ['Mixing', choiceText(mixing)] as const),
        ...(config.sizes ?? []).map(
          ({ untilEpoch, size }) => ['', `pictures of ${size.join(' × ')} until epoch ${untilEpoch}`] as const,
        ),
        ...config.callbacks.map(callback => ['Callback', choiceText(callback)] as const),
        ['Test', testText(config)],
        ...(config.published === undefined ? [] : [['Published', config.published.figure] as const]),
      ],
      '',
    ),
    '',
    `Change its layers and numbers: ${program} recipes ${config.name} --json > my.json, then ${program} train my.json; its runs are called my.`,
  ].join('\n')
}

function testText({ test, testViews, selectedOnTestSet }: RecipeConfig): string {
  const views = testViews === undefined ? '' : `; the mean over ${testViewsText[testViews]}`
  return `with the ${test} weights${views}${selectedOnTestSet ? '; selected on the test set' : ''}`
}

/** `SGD, learningRate OneCycle (maxLearningRate 0.4, anneal linear), momentum 0.9`. */
function choiceText({ type, config }: Choice): string {
  const settings = Object.entries(config).map(([name, value]) => `${name} ${valueText(value)}`)
  return [type, ...settings].join(', ')
}

function valueText(value: Json): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  if (!isJsonRecord(value)) return Array.isArray(value) ? value.map(valueText).join(' ') : String(value)
  const { type, config, ...rest } = value
  const options = Object.entries(isJsonRecord(config) ? config : rest)
  const named = options.map(([name, option]) => `${name} ${valueText(option)}`).join(', ')
  return typeof type === 'string' ? `${type} (${named})` : `{${named}}`
}
