/** An ONNX file as a model. In: its bytes and the files beside it. Out: a `ModelFile`. */
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { decodeOnnx } from './decode.ts'
import { importedNetwork } from './import.ts'
import { readMetadata } from './metadata.ts'

/** Throws UserError for a damaged file, and for one that says what Fovea does not have. */
export async function readOnnx(file: OpenedFile): Promise<ModelFile> {
  const onnx = await decodeOnnx(file)
  const { model, weights, notes, classes } = importedNetwork(onnx, file.source)
  const { classNames, ...metadata } = readMetadata(onnx, file.source)
  // Names in files of others may be of something else, such as the boxes of a detector.
  const isOfClasses = classNames === undefined || [classes, classes === 1 ? 2 : classes].includes(classNames.length)
  if (isOfClasses) return { model, weights, ...(classNames && { classNames }), ...metadata, notes }
  const note = `The file names ${classNames.length} classes, and the network has ${classes} outputs: the names are left out.`
  return { model, weights, ...metadata, notes: [...notes, note] }
}
