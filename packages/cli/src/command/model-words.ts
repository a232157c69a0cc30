/**
 * What a MODEL or RECIPE word stands for: a network or recipe by name, a recipe or model written as JSON, a saved model, or a run
 * directory (its best weights where the recipe keeps them, else the last).
 */
import { nearest, UserError } from 'fovea/internal/base/errors'
import { type KindOfFile, kindOfFile, kindOfText } from 'fovea/internal/base/file-kind'
import { isJsonRecord } from 'fovea/internal/base/json'
import { parseJson } from 'fovea/internal/base/strict-json'
import { shortList } from 'fovea/internal/base/text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { isFile, isFolder } from 'fovea/internal/host/node/paths'
import { modelFromConfig, modelToConfig } from 'fovea/internal/network/config'
import type { Model } from 'fovea/internal/network/model'
import { type ZooName, zoo, zooModel } from 'fovea/internal/network/zoo/zoo'
import { recipeFromJson } from 'fovea/internal/recipes/recipe-json'
import { recipes } from 'fovea/internal/recipes/recipes'
import { runFiles } from 'fovea/internal/run/run-files'
import { adviceOfModels } from 'fovea/internal/store/foreign-model'
import { faultyLine } from './json-fault.ts'
import { modelFileAt, modelInFolder } from './model-file.ts'
import { readText } from './text-input.ts'
import { UsageError } from './usage-error.ts'

/** Model files of a run directory, the one to use first. A run interrupted in its first epoch has only the checkpoint. */
const modelsOfRun = [runFiles.best, runFiles.model, runFiles.checkpoint]

/** The model file that a word names: itself, or the one in a run directory. Undefined when it names no file or folder. */
async function modelPath(word: string): Promise<string | undefined> {
  if (/\.(png|jpe?g|gif|webp|bmp)$/i.test(word)) {
    throw new UsageError({
      what: `${word} is a picture, and the first word names a model.`,
      expected: 'a model file (.safetensors, .keras, .h5, model.json …) or a run directory',
      fix: 'Write the model first, pictures after it.',
    })
  }
  if (await isFile(word)) return word
  if (!(await isFolder(word))) return undefined
  for (const name of modelsOfRun) {
    const path = nodeFiles.join(word, name)
    if (await nodeFiles.exists(path)) return path
  }
  const model = await modelInFolder(word)
  if (model !== undefined) return model
  throw new UserError({
    what: `${word} is a folder without a model.`,
    expected: `a run directory with ${modelsOfRun.join(' or ')}`,
    received: shortList(await nodeFiles.list(word)) || 'an empty folder',
    fix: 'Name a run directory whose training saved a model, or a model file.',
  })
}

/** The model file of a word that must name a trained model. */
export async function trainedModelPath(word: string): Promise<string> {
  const path = await modelPath(word)
  if (path !== undefined) return path
  throw new UsageError({
    what: `There is no model '${word}'.`,
    expected: 'a model file (.safetensors, .keras, .h5, model.json …) or a run directory',
    fix: await fixFor(word),
  })
}

async function fixFor(word: string): Promise<string> {
  if (recipes.some(recipe => recipe.name === word)) return `Train it first: fovea train ${word}`
  const guess = await nearestPath(word)
  return guess === undefined ? 'Check the path.' : `Did you mean '${guess}'?`
}

/** What a word that names nothing may have meant: one of these names, a file or a folder beside it, or a run. */
export async function nearestPath(word: string, names: readonly string[] = []): Promise<string | undefined> {
  const folder = nodeFiles.join(word, '..')
  const near = [...(await nodeFiles.list(folder)).map(name => nodeFiles.join(folder, name)), ...(await runFolders())]
  return nearest(word, [...near, ...names]) ?? near.find(path => path.endsWith(`/${word}`))
}

async function runFolders(): Promise<string[]> {
  return (await nodeFiles.list('runs')).map(name => nodeFiles.join('runs', name))
}

/** The model a word names, built or read; weights are not needed. */
export async function modelOf(word: string, context: { note?(line: string): void } = {}): Promise<Model> {
  if (Object.hasOwn(zoo, word)) return zoo[word as ZooName].build()
  const path = await modelPath(word)
  if (path === undefined) throw await unknown(word)
  const isOwn = path.endsWith('.json') && !(await isModelInJson(path))
  const config = isOwn ? configIn(await readJson(path)) : (await modelFileAt(path, context)).model
  if (config === undefined) {
    throw new UserError({
      what: `${path} holds weights, but not the model they belong to.`,
      expected: 'a file of a whole model',
    })
  }
  return modelFromConfig(config)
}

/** TensorFlow.js keeps models in JSON, with their weights beside it. */
const isModelInJson = async (path: string): Promise<boolean> =>
  /TensorFlow\.js/.test(kindOfFile(await nodeFiles.read(path, 'model'))?.name ?? '')

/** The model in a JSON file: its own configuration, or that of the recipe written there. */
function configIn(json: unknown): unknown {
  if (!isJsonRecord(json) || json['model'] === undefined || json['format'] !== undefined) return json
  const { model } = recipeFromJson(json)
  return typeof model === 'string' ? modelToConfig(zooModel(model).build()) : model
}

/** The value in a JSON file. */
export async function readJson(path: string): Promise<unknown> {
  const fix = path.endsWith('.safetensors') ? { fix: 'To use a saved model, name its run directory.' } : {}
  let text: string
  try {
    text = await readText(path)
    const kind = kindOfText(text)
    if (kind.group !== 'configuration' && kind.group !== 'text') throw noConfiguration(path, kind)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(error.problems.map(problem => ({ ...problem, ...fix })))
  }
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof SyntaxError))
      throw new UserError({ what: `${path} is JSON that is not taken.`, received: (error as Error).message, ...fix })
    throw new UserError({
      what: `${path} is not JSON: line ${faultyLine(text)} cannot be read.`,
      received: (error as Error).message,
      fix: 'Look there and at the line before: names and texts in double quotes, a comma between members and none after the last, no comments.',
      ...fix,
    })
  }
}

function noConfiguration(path: string, kind: KindOfFile): UserError {
  return new UserError({
    what: `${path} is not a configuration that is read here.`,
    expected: 'a recipe of Fovea, as `fovea recipes NAME --json` prints it, or the configuration of a model',
    received: kind.name,
    fix: adviceOfModels(kind),
  })
}

async function unknown(word: string): Promise<UsageError> {
  const names = Object.keys(zoo)
  const guess = await nearestPath(word, names)
  return new UsageError({
    what: `There is no recipe, model file or run directory '${word}'.`,
    expected: names.join(', '),
    fix: guess === undefined ? 'See `fovea recipes`.' : `Did you mean '${guess}'?`,
  })
}
