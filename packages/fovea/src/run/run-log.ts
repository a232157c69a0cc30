/** The story of a training in its run file: written, every event but the single batches; and what its first line says was trained. */
import { UserError } from '../base/errors.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import type { TrainListener } from '../train/events.ts'
import type { RunFile, RunRecord } from './run-file.ts'

export function runLog(file: RunFile): TrainListener {
  return event => (event.type === 'batch-end' ? undefined : file.add(event))
}

export interface RunBeginning {
  readonly recipe: RecipeConfig
  readonly limit?: number
  /** As ISO 8601 in UTC. Missing in runs of version 0.1. */
  readonly date?: string
}

/** What a run was begun with, the last time it was. Throws UserError where its story does not say it. */
export function beginningOf(records: readonly RunRecord[], source: string): RunBeginning {
  const begun = records.findLast(({ type }) => type === 'run')
  if (begun?.['recipe'] === undefined) {
    throw new UserError({
      what: `${source} does not say what was trained`,
      expected: 'a line of type "run" with the recipe',
      fix: 'name another run directory, or train again',
    })
  }
  const { limit, date } = begun
  return {
    recipe: recipeFromJson(begun['recipe']),
    ...(typeof limit === 'number' && { limit }),
    ...(typeof date === 'string' && !Number.isNaN(Date.parse(date)) && { date }),
  }
}
