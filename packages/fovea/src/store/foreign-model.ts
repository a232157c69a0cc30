/** What to do with a file that is no model which can be read: weights of other programs can be carried over. In: its bytes. Out: the error. */
import { UserError } from '../base/errors.ts'
import { type KindOfFile, kindOfFile } from '../base/file-kind.ts'
import { isSafetensors } from '../base/safetensors-sign.ts'

export const carryOver =
  'Fovea reads safetensors files that it saved. Build the same layers in Fovea (docs/keras.md) and give them its weights: setWeights takes lists of {name, shape, data} in the order and layout of Keras (model.get_weights() in Python).'

/** Undefined for safetensors files, damaged ones too, and where the bytes say nothing. */
export function foreignModel(bytes: Uint8Array, source: string): UserError | undefined {
  const kind = isSafetensors(bytes) ? undefined : kindOfFile(bytes)
  return (
    kind && new UserError({ what: `${source} is not a safetensors file, but ${kind.name}`, fix: adviceOfModels(kind) })
  )
}

/** What the owner of such a file can do, who wants a model. */
export function adviceOfModels({ group, fix, name }: KindOfFile): string {
  if (fix !== undefined) return fix
  if (group === 'model') return carryOver
  if (group === 'picture') return 'Name a model first, pictures after it.'
  const model = 'Name a model file (.safetensors)'
  return name.includes('JSON') ? `${model}; a configuration is read from a file that ends in .json.` : `${model}.`
}
