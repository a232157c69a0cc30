/** What a run file says beyond its curves, for diagnosis: data and settings in its first line, dead and saturated units in its last. */
import { isJsonRecord } from '../base/json.ts'
import type { RunRecord } from '../run/run-file.ts'
import type { LayerUnits } from '../runner/run-units.ts'
import { counted } from './finding.ts'
import { meansOf, type RecipeMeans } from './recipe-means.ts'

/** What a run directory knows beyond its curves. */
export interface RunFacts {
  /** Training samples of each class. */
  readonly perClass?: readonly number[]
  readonly learningRate?: number
  /** What the recipe does already; undefined for a history of another tool. */
  readonly means?: RecipeMeans
  /** Training pictures, and the epochs that training was to have. */
  readonly samples?: number
  readonly plannedEpochs?: number
  /** Training was interrupted: it did not come to its end, and no callback ended it. */
  readonly interrupted?: boolean
  /** Its story has no end: it was killed, or it is still going on. */
  readonly open?: boolean
  /** Of each layer with such an activation, counted on the tested weights. */
  readonly units?: readonly LayerUnits[]
}

/**
 * Shares of a layer's units from which on they are worth saying. Of a dense layer up to 74 % were dead in healthy runs of the recipes, 88 %
 * and more in ill ones; saturated ones healthy runs had none.
 */
const [deadShare, saturatedShare] = [0.8, 0.4]

export const isDead = ({ dead, units }: LayerUnits): boolean => dead >= deadShare * units
export const isSaturated = ({ saturated, units }: LayerUnits): boolean => saturated >= saturatedShare * units

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** What a line of another version, or a damaged one, holds instead is as good as not counted. */
function isLayerUnits(value: unknown): value is LayerUnits {
  if (!isJsonRecord(value)) return false
  const { layer, activation, units, dead, saturated } = value
  return [layer, activation].every(name => typeof name === 'string') && [units, dead, saturated].every(isWhole)
}

export function factsOfRun(records: readonly RunRecord[]): RunFacts {
  const begun = records.findLast(({ type }) => type === 'run')
  const perClass = begun?.['perClass']
  const recipe = begun?.['recipe']
  const optimizer = isJsonRecord(recipe) ? recipe['optimizer'] : undefined
  const config = isJsonRecord(optimizer) ? optimizer['config'] : undefined
  const learningRate = isJsonRecord(config) ? config['learningRate'] : undefined
  const layers = records.findLast(({ type }) => type === 'units')?.['layers']
  const means = meansOf(recipe)
  const last = records.findLast(({ type }) => type === 'train-begin' || type === 'train-end')
  const training = records.findLast(({ type }) => type === 'train-begin')
  const [samples, epochs] = [training?.['samples'], training?.['epochs']]
  return {
    ...(means && { means }),
    ...(typeof samples === 'number' && { samples }),
    ...(typeof epochs === 'number' && { plannedEpochs: epochs }),
    ...(last && {
      interrupted: last.type === 'train-begin' || last['reason'] === 'aborted',
      open: last.type === 'train-begin',
    }),
    ...(Array.isArray(perClass) && perClass.every(isWhole) && { perClass }),
    ...(typeof learningRate === 'number' && { learningRate }),
    ...(Array.isArray(layers) && layers.every(isLayerUnits) && { units: layers }),
  }
}

/** `Training was interrupted after 3 of 10 epochs`. */
export function interruption(done: number, { plannedEpochs, open }: RunFacts): string {
  const of =
    plannedEpochs !== undefined && plannedEpochs > done
      ? `${done} of ${counted(plannedEpochs, 'epoch')}`
      : counted(done, 'epoch')
  return `Training was interrupted${open ? ', or still goes on,' : ''} after ${of}`
}
