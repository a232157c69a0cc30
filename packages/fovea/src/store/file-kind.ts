/**
 * Files by their first bytes: what a file that is not a safetensors file is instead, and what its owner can do. Asked only about files
 * that could not be read, so a sign need not be proof. In: bytes. Out: its name and advice. Sources: the formats' own signatures.
 */

export interface ForeignFile {
  /** `an HDF5 file`, as a sentence goes on with it. */
  readonly name: string
  readonly fix: string
  /** Whether the fix holds whatever the file was to be, for a model only, or only where a model was to be named. */
  readonly holds: 'always' | 'of models' | 'in place of models'
}

const carryOver =
  'Build the same layers in Fovea (docs/keras.md) and give them its weights: setWeights takes lists of {name, shape, data} in the order and layout of Keras'
const keras = `${carryOver} (model.get_weights() in Python).`
const others = `Fovea reads safetensors files that it saved. ${carryOver}.`
const unpack = 'Unpack it, and name the file in it.'
const asCsv = 'Save its table as CSV.'
const fetched = 'Fetch it: git lfs pull.'
const signIn = 'It came in place of the file, perhaps because one has to sign in there: fetch the file itself.'
const picture = 'Name a model first, pictures after it.'
const model = 'Name a model file (.safetensors).'

type Sign = (text: string) => boolean

const begins =
  (...beginnings: readonly string[]): Sign =>
  text =>
    beginnings.some(beginning => text.startsWith(beginning))
const holds =
  (sign: string, at: number): Sign =>
  text =>
    text.startsWith(sign, at)
/** A zip archive whose first members have one of these names. */
const zipOf =
  (...names: readonly string[]): Sign =>
  text =>
    text.startsWith('PK\x03\x04') && names.some(name => text.includes(name))
/** Text that matches; a byte-order mark and blanks may stand before. */
const like =
  (pattern: RegExp): Sign =>
  text =>
    pattern.test(text.replace('\xef\xbb\xbf', '').trimStart())

/** Protocol buffers: the version of the format (field 1, a small number), then another field of a model. */
const onnx: Sign = text =>
  text.startsWith('\x08') && text.charCodeAt(1) <= 32 && '\x12\x1a"(2:B'.includes(text[2] ?? ' ')
const pickle: Sign = text => text.startsWith('\x80') && text.charCodeAt(1) >= 2 && text.charCodeAt(1) <= 5

/** The first sign that fits is taken: rarer ones stand before those that are a part of them. */
const signs: readonly (readonly [name: string, sign: Sign, fix: string])[] = [
  ['a pointer of Git LFS: the file itself was not fetched', begins('version https://git-lfs'), fetched],
  ['an HDF5 file, as Keras (.h5) writes it', begins('\x89HDF\r\n\x1a\n'), keras],
  ['a Keras file (.keras, a zip archive)', zipOf('model.weights.h5', 'metadata.json', 'config.json'), keras],
  ['a workbook (.xlsx)', zipOf('xl/'), asCsv],
  ['a PyTorch file (a zip archive)', zipOf('data.pkl', '.data/', 'byteorder'), others],
  ['a NumPy archive (.npz)', zipOf('.npy'), others],
  [
    'a zip archive, as Keras (.keras) and PyTorch (.pt) write it',
    begins('PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'),
    others,
  ],
  ['a gzip archive', begins('\x1f\x8b'), unpack],
  ['a bzip2 archive', begins('BZh'), unpack],
  ['an xz archive', begins('\xfd7zXZ\0'), unpack],
  ['a Zstandard archive', begins('\x28\xb5\x2f\xfd'), unpack],
  ['a 7-Zip archive', begins('7z\xbc\xaf\x27\x1c'), unpack],
  ['a RAR archive', begins('Rar!\x1a\x07'), unpack],
  ['a tar archive', holds('ustar', 257), unpack],
  ['a NumPy array (.npy)', begins('\x93NUMPY'), others],
  ['a TensorFlow Lite file', holds('TFL3', 4), others],
  ['a GGUF file', begins('GGUF'), others],
  ['a TensorFlow SavedModel', begins('\x08\x01\x12'), keras],
  ['an ONNX file', onnx, others],
  ['a pickle file of Python, as PyTorch (.pth) and scikit-learn write it', pickle, others],
  ['a MATLAB file', begins('MATLAB '), others],
  ['a picture (PNG)', begins('\x89PNG'), picture],
  ['a picture (JPEG)', begins('\xff\xd8\xff'), picture],
  ['a picture (GIF)', begins('GIF8'), picture],
  ['a picture (WebP)', holds('WEBP', 8), picture],
  ['a PDF file', begins('%PDF'), model],
  ['a program', begins('\x7fELF', 'MZ', '\0asm'), model],
  ['a web page', like(/^(<!--[\s\S]*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype html|html|head|body)\b/i), signIn],
  ['an XML file', like(/^<(\?xml|[a-z])/i), model],
  [
    'a model of TensorFlow.js (JSON, with its weights in files beside it)',
    like(/^\{[\s\S]*"(modelTopology|weightsManifest)"/),
    keras,
  ],
  [
    'a JSON file, which holds no weights',
    like(/^[{[]\s*["{[\]}\d-]/),
    'Name the file of the weights (.safetensors); a configuration is read from a file that ends in .json.',
  ],
  ['a text file', text => /^[\t\n\r\x20-\x7e]/.test(text) && !/[^\t\n\r\x20-\x7e\x80-\xff]/.test(text), model],
]

/** How far a file is looked into: names of an archive's members stand between their contents. */
const SEEN = 4096

/** Undefined where the bytes say nothing. */
export function foreignFile(bytes: Uint8Array): ForeignFile | undefined {
  if (bytes.length === 0) {
    return {
      name: 'an empty file',
      fix: 'Save or fetch it anew: what wrote it did not come to its end.',
      holds: 'always',
    }
  }
  // One sign a byte.
  const text = Array.from(bytes.subarray(0, SEEN), byte => String.fromCharCode(byte)).join('')
  const found = signs.find(([, sign]) => sign(text))
  return found && { name: found[0], fix: found[2], holds: holdingOf(found[2]) }
}

function holdingOf(fix: string): ForeignFile['holds'] {
  if ([unpack, fetched, signIn, asCsv].includes(fix)) return 'always'
  return fix === keras || fix === others ? 'of models' : 'in place of models'
}
