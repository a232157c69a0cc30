/** The recorded losses, and where the pictures are: FOVEA_DATA names the folder of the data sets. */
import { readFileSync } from 'node:fs'

export interface RecordedModel {
  readonly dataset: string
  readonly batch: number
  readonly optimizer: 'sgd' | 'rmsprop'
  readonly losses: readonly number[]
}

const text = readFileSync(new URL('recorded.json', import.meta.url), 'utf8')

export const recordedModels = Object.entries(
  (JSON.parse(text) as { models: Readonly<Record<string, RecordedModel>> }).models,
)

export const hasPictures = Boolean(process.env['FOVEA_DATA'])
if (!hasPictures)
  console.warn('Parity on real pictures is skipped: FOVEA_DATA does not name the folder of the data sets.')
