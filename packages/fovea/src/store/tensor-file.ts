/** The bytes of a safetensors file, read by whoever may have been given a file of another format: then the error says which. */
import { anyText, checkArguments, bytes as fileBytes } from '../base/arguments.ts'
import { optional } from '../base/schema.ts'
import { foreignModel } from './foreign-model.ts'
import { readTensors, type TensorFile } from './safetensors.ts'

/** Reads a safetensors file. Throws UserError that says what is wrong with a malformed one; `source` names it. */
export function decodeSafetensors(bytes: Uint8Array, source = 'the file'): TensorFile {
  checkArguments('decodeSafetensors', { bytes: fileBytes, source: optional(anyText) }, { bytes, source })
  return readTensors(bytes, source, foreignModel)
}
