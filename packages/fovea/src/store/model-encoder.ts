/** A model as the bytes of a safetensors file. (Read, and what such a file holds: model-file.ts.) */
import { anyText } from '../base/arguments.ts'
import { jsonRecord, list, optional, parse, record, that } from '../base/schema.ts'
import { type ModelFile, writtenBy } from './model-file.ts'
import { encodeSafetensors, tensorFields } from './safetensors-encoder.ts'

const fileFields = record({
  weights: list(record(tensorFields), 'weights {name, shape, data}'),
  model: optional(jsonRecord),
  preprocess: optional(jsonRecord),
  classNames: optional(list(anyText, 'texts')),
  recipe: optional(jsonRecord),
  // What a reader says of a file is not kept.
  training: optional(that<object>('a record', value => Object(value) === value)),
  writer: optional(anyText),
  notes: optional(list(anyText, 'texts')),
  weightsFor: optional(that<object>('a function', value => typeof value === 'function')),
})

/** A model as the bytes of a safetensors file; how it was trained is not kept. Throws UserError for what it cannot hold. */
export function encodeModelFile(file: ModelFile): Uint8Array<ArrayBuffer> {
  parse(fileFields, file, 'encodeModelFile', 'Field')
  return encodeSafetensors({ metadata: metadataOf(file), tensors: file.weights })
}

export function metadataOf(file: Omit<ModelFile, 'weights'>): Record<string, string> {
  const metadata: Record<string, string> = { ...writtenBy }
  for (const key of ['model', 'preprocess', 'classNames', 'recipe'] as const) {
    if (file[key] !== undefined) metadata[key] = JSON.stringify(file[key])
  }
  return metadata
}
