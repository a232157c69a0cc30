/** What to do with a file that is no model which can be read: weights of other programs can be carried over. In: its bytes. Out: the error. */
import { UserError } from '../base/errors.ts'
import { type KindOfFile, kindOfFile } from '../base/file-kind.ts'
import { isSafetensors } from '../base/safetensors-sign.ts'

const carryOver =
  'Build the same layers in Fovea (docs/keras.md) and give them its weights: setWeights takes lists of {name, shape, data} in the order and layout of Keras (model.get_weights() in Python).'

/** Of kinds that the package @fovea/formats reads. */
const readByPackage = /Keras file|HDF5|Teachable Machine|TensorFlow\.js|ONNX/
const install =
  'npm install @fovea/formats, which reads it (pages: addModelFormats; Jest: NODE_OPTIONS=--experimental-vm-modules).'
const asModel = 'Name it wherever a MODEL is named, or give it to loadModel.'

/** In Python, where the file comes from; `carryOver` for all other kinds. */
const waysOut: readonly (readonly [kind: RegExp, way: string])[] = [
  [/Lite/, 'In Python: python -m tf2onnx.convert --tflite FILE --output model.onnx; that file is read.'],
  [/SavedModel/, 'In Python: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx; that file is read.'],
  [
    /PyTorch|pickle/,
    "In Python: torch.onnx.export(model, example, 'model.onnx'), which is read; or safetensors.torch.save_file(model.state_dict(), 'model.safetensors') for loadTorchWeights of @fovea/formats.",
  ],
]

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
  if (group === 'model') {
    if (readByPackage.test(name)) return asModel
    return waysOut.find(([kind]) => kind.test(name))?.[1] ?? carryOver
  }
  if (group === 'picture') return 'Name a model first, pictures after it.'
  const model = 'Name a model file (.safetensors)'
  return name.includes('JSON') ? `${model}; a configuration is read from a file that ends in .json.` : `${model}.`
}

/** Of a file that no format knows; its first bytes say what it is, and its name what it promises. */
export function noModel(
  bytes: Uint8Array,
  source: string,
  formats: readonly { readonly name: string; readonly endings: readonly string[] }[],
): UserError {
  const kind = kindOfFile(bytes)
  const another = 'Get another copy of the file: this one may be damaged.'
  const isRead = readByPackage.test(kind?.name ?? '')
  const advice = isRead && formats.length === 1 ? install : kind && !isRead ? adviceOfModels(kind) : another
  // Another copy of a file that would not be read either is no help alone.
  const isForeign =
    endingIn(unwritten, source) !== undefined &&
    !formats.some(({ endings }) => endingIn(endings, source) !== undefined) &&
    ![carryOver, ...waysOut.map(([, way]) => way)].includes(advice)
  return new UserError({
    what: `${source} is not a model that can be read.`,
    expected: formats.map(each => `${each.name} (${each.endings.join(', ')})`).join(', '),
    received: kind?.name ?? `${bytes.length} bytes of no format that is known here`,
    fix: isForeign ? `${advice} ${carryOver}` : advice,
  })
}

/** The ending that a path has; one without a dot at its beginning is a whole name (`model.json`). */
export function endingIn(endings: readonly string[], path: string): string | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase()
  return endings.find(ending => (ending.startsWith('.') ? name.endsWith(ending) : name === ending))
}

/** Endings that promise other formats of models. */
export const unwritten = ['.keras', '.h5', '.hdf5', '.onnx', '.tflite', '.pb', '.pt', '.pth', '.npz', '.gguf']
