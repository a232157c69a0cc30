/**
 * What a MODEL or RECIPE word stands for: a network or recipe by name, a recipe or model written as JSON, a saved model, or a run
 * directory (its best weights where the recipe keeps them, else the last).
 */
import { nearest, UserError } from '../base/errors.ts'
import { nodeFiles } from '../host/node/files.ts'
import { isFile, isFolder } from '../host/node/paths.ts'
import { modelFromConfig } from '../model/config.ts'
import type { Model } from '../model/model.ts'
import { type ZooName, zoo } from '../model/zoo/zoo.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { runFiles } from '../train/run-recipe.ts'
import { UsageError } from './usage-error.ts'

/** Model files of a run directory, the one to use first. */
const modelsOfRun = [runFiles.best, runFiles.model]

/** The model file that a word names: itself, or the one in a run directory. Undefined when it names no file or folder. */
export async function modelPath(word: string): Promise<string | undefined> {
  if (await isFile(word)) return word
  if (!(await isFolder(word))) return undefined
  for (const name of modelsOfRun) {
    const path = nodeFiles.join(word, name)
    if (await isFile(path)) return path
  }
  throw new UserError({
    what: `${word} is a folder without a model.`,
    expected: `a run directory with ${modelsOfRun.join(' or ')}`,
    received: (await nodeFiles.list(word)).join(', ') || 'an empty folder',
    fix: 'Name a run directory whose training saved a model, or a model file.',
  })
}

/** The model file of a word that must name a trained model. */
export async function trainedModelPath(word: string): Promise<string> {
  const path = await modelPath(word)
  if (path !== undefined) return path
  throw new UsageError({
    what: `There is no model ${word}.`,
    expected: 'a model file (.safetensors) or a run directory',
    fix: word in zoo ? `Train it first: fovea train ${word}` : 'Check the path.',
  })
}

/** The model a word names, built or read; weights are not needed. */
export async function modelOf(word: string): Promise<Model> {
  if (Object.hasOwn(zoo, word)) return zoo[word as ZooName].build()
  const path = await modelPath(word)
  if (path === undefined) throw unknown(word)
  const bytes = await nodeFiles.read(path)
  const config = path.endsWith('.json') ? jsonIn(bytes, path) : decodeModelFile(bytes, path).model
  if (config === undefined) {
    throw new UserError({
      what: `${path} holds weights, but not the model they belong to.`,
      expected: 'a model saved by Fovea, with its configuration',
    })
  }
  return modelFromConfig(config)
}

export function jsonIn(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw new UserError({ what: `${path} is not JSON.`, received: (error as Error).message })
  }
}

function unknown(word: string): UsageError {
  const names = Object.keys(zoo)
  const guess = nearest(word, names)
  return new UsageError({
    what: `There is no recipe, model file or run directory '${word}'.`,
    expected: names.join(', '),
    fix: guess === undefined ? 'See `fovea recipes`.' : `Did you mean '${guess}'?`,
  })
}
