/** The format ONNX: which files are of it, and how one is read and written. */
import { kindOfFile } from 'fovea/internal/base/file-kind'
import type { ModelFormat } from 'fovea/internal/store/model-formats'

export const onnxFormat: ModelFormat = {
  name: 'ONNX',
  endings: ['.onnx'],
  matches: bytes => kindOfFile(bytes)?.name === 'an ONNX file',
  read: async file => (await import('./read-onnx.ts')).readOnnx(file),
  write: async file => ({ bytes: (await import('./export/write-onnx.ts')).writeOnnx(file) }),
}
