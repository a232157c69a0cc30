/** What a run file says beyond its curves, for diagnosis: data and settings in its first line, dead and saturated units in its last. */
import { isJsonRecord } from '../../base/json.ts'
import type { RunRecord } from '../../store/run-file.ts'
import type { LayerUnits } from '../run-units.ts'
import type { RunFacts } from './diagnose.ts'

export function factsOfRun(records: readonly RunRecord[]): RunFacts {
  const begun = records.findLast(({ type }) => type === 'run')
  const perClass = begun?.['perClass']
  const recipe = begun?.['recipe']
  const optimizer = isJsonRecord(recipe) ? recipe['optimizer'] : undefined
  const config = isJsonRecord(optimizer) ? optimizer['config'] : undefined
  const learningRate = isJsonRecord(config) ? config['learningRate'] : undefined
  const layers = records.findLast(({ type }) => type === 'units')?.['layers']
  return {
    ...(Array.isArray(perClass) && { perClass: perClass.map(Number) }),
    ...(typeof learningRate === 'number' && { learningRate }),
    ...(Array.isArray(layers) && { units: layers as unknown as LayerUnits[] }),
  }
}
