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
  const { notes: more, ...metadata } = readMetadata(onnx, file.source, classes)
  const { producer, producerVersion, opsets } = onnx
  const program = [producer, producerVersion].filter(text => text !== '').join(' ') || 'a program that is not named'
  return { model, weights, ...metadata, writer: `${program}, opset ${opsets['']}`, notes: [...notes, ...more] }
}
