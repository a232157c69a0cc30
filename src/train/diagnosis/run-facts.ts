/** What the first lines of a run file say about its data and settings, for diagnosis. */
import { isJsonRecord } from '../../base/json.ts'
import type { RunRecord } from '../../store/run-file.ts'
import type { RunFacts } from './diagnose.ts'

export function factsOfRun(records: readonly RunRecord[]): RunFacts {
  const begun = records.findLast(({ type }) => type === 'run')
  const perClass = begun?.['perClass']
  const recipe = begun?.['recipe']
  const optimizer = isJsonRecord(recipe) ? recipe['optimizer'] : undefined
  const config = isJsonRecord(optimizer) ? optimizer['config'] : undefined
  const learningRate = isJsonRecord(config) ? config['learningRate'] : undefined
  return {
    ...(Array.isArray(perClass) && { perClass: perClass.map(Number) }),
    ...(typeof learningRate === 'number' && { learningRate }),
  }
}
