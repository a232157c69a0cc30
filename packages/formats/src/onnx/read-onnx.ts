/** An ONNX file as a model. In: its bytes and the files beside it. Out: a `ModelFile`. */
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { decodeOnnx } from './decode.ts'
import { importedNetwork } from './import.ts'
import { readMetadata } from './metadata.ts'

/** Throws UserError for a damaged file, and for one that says what Fovea does not have. */
export async function readOnnx(file: OpenedFile): Promise<ModelFile> {
  const onnx = await decodeOnnx(file)
  const { model, weights, notes } = importedNetwork(onnx, file.source)
  return { model, weights, ...readMetadata(onnx, file.source), notes }
}
