/**
 * The one place that knows files by their first bytes: what a file is, whatever its name promises. In: its bytes. Out: its name and
 * group, and what to do where that is the same for every reader. A reader asks about files that are not what it reads, so a sign need
 * not be proof. Sources: the formats' own signatures.
 */
import { isSafetensors } from './safetensors-sign.ts'
import { beginningOfText } from './text-file.ts'

/**
 * `instead`: it came in place of the file. `packed`: the file may be in it. `model`: what weights are kept in, or a part of it. `data`:
 * tables and labelled pictures. `configuration`: what Fovea builds a model or a training from.
 */
export type KindGroup = 'instead' | 'packed' | 'model' | 'data' | 'picture' | 'configuration' | 'text' | 'other'

export interface KindOfFile {
  /** `an HDF5 file`, as a sentence goes on with it. */
  readonly name: string
  readonly group: KindGroup
  /** Of a picture: `PNG`. */
  readonly picture?: string
  /** What to do, whatever the file was to be. */
  readonly fix?: string
}

/** What of a file its signs are looked for in, one sign a byte. */
interface Seen {
  readonly head: string
  /** Of a zip archive: where the names of its members stand, before their contents and all of them at the end. */
  readonly names: string
  readonly bytes: Uint8Array
}
type Sign = (seen: Seen) => boolean
type Row = readonly [name: string, sign: Sign, fix?: string]

const unpack = 'Unpack it, and name the file in it.'
const asCsv = 'Save its table as CSV.'
const fetchAnew = 'Fetch or save it anew: what wrote it did not come to its end.'

/** The beginning of a file; `*` is any byte. */
const begins =
  (...beginnings: readonly string[]): Sign =>
  ({ head }) =>
    beginnings.some(beginning => [...beginning].every((sign, at) => sign === '*' || head[at] === sign))
/** A zip archive with a member whose name holds one of these. */
const zipOf =
  (...parts: readonly string[]): Sign =>
  ({ names }) =>
    parts.some(part => names.includes(part))

const hdf5 = begins('\x89HDF\r\n\x1a\n')
const zip = begins('PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08')
const ofZeros: Sign = ({ head, bytes }) => head.length >= 16 && head[0] === '\0' && bytes.every(byte => byte === 0)
/** Protocol buffers: the version of the format (field 1, a small number), then another field of a model. */
const onnx: Sign = ({ head }) =>
  head.startsWith('\x08') && head.charCodeAt(1) <= 32 && '\x12\x1a"(2:B'.includes(head[2] ?? ' ')
/** Binary ones say their protocol; those of protocol 0 are text, and begin with a list, a dictionary or the name of a class. */
const pickle: Sign = ({ head }) =>
  (head.startsWith('\x80') && head.charCodeAt(1) >= 2 && head.charCodeAt(1) <= 5) ||
  ['}q\0', ']q\0', '}q\x01', ']q\x01'].some(beginning => head.startsWith(beginning)) ||
  /^(\([dl]p\d+|c(copy_?reg|numpy|torch|sklearn|collections|builtins|__builtin__)[\w.]*)\n/.test(head)
/** Of the signs that other texts have, every second byte is 0. */
const bareUtf16: Sign = ({ head }) =>
  head.length >= 8 && [...head.slice(0, 8)].every((sign, at) => (sign === '\0') === (at % 2 === 1))

const signs: Readonly<Record<KindGroup, readonly Row[]>> = {
  instead: [
    ['a pointer of Git LFS, not the file itself', begins('version https://git-lfs'), 'Fetch it: git lfs pull.'],
    ['a file of zeros, whose content was never written', ofZeros, fetchAnew],
  ],
  model: [
    ['a safetensors file', ({ bytes }) => isSafetensors(bytes)],
    ['a model of Teachable Machine (a zip archive)', zipOf('weights.bin', 'keras_model.h5', 'model_unquant.tflite')],
    ['a Keras file (.keras, a zip archive)', zipOf('model.weights.h5', 'metadata.json', 'config.json')],
    ['a PyTorch file (a zip archive)', zipOf('data.pkl', '.data/', 'byteorder')],
    ['an HDF5 file (.h5, as Keras writes it)', hdf5],
    ['a NumPy archive (.npz)', zipOf('.npy')],
    ['a NumPy array (.npy)', begins('\x93NUMPY')],
    ['a TensorFlow Lite file', begins('****TFL3')],
    ['a GGUF file', begins('GGUF')],
    ['a TensorFlow SavedModel', begins('\x08\x01\x12')],
    ['an ONNX file', onnx],
    ['a PyTorch file (pickled)', begins('\x80\x02\x8a\x0al\xfc\x9cF')],
    ['a pickle file of Python', pickle],
  ],
  data: [
    ['pictures of an MNIST-like data set (IDX)', begins('\0\0\x08\x03')],
    ['labels of an MNIST-like data set (IDX)', begins('\0\0\x08\x01')],
    ['a workbook (.xlsx)', zipOf('xl/'), asCsv],
    ['a Parquet file', begins('PAR1'), asCsv],
  ],
  picture: [
    ['PNG', begins('\x89PNG\r\n\x1a\n')],
    ['JPEG', begins('\xff\xd8\xff')],
    ['GIF', begins('GIF8')],
    ['WebP', begins('RIFF****WEBP')],
    ['TIFF', begins('II*\0', 'MM\0*')],
    ['AVIF', begins('****ftypavi')],
    ['HEIC', begins('****ftyphe')],
    ['HEIC or AVIF', begins('****ftypmi', '****ftypms')],
    ['JPEG XL', begins('\xff\x0a', '\0\0\0\x0cJXL ')],
    ['JPEG 2000', begins('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51')],
    ['BMP', begins('BM****\0\0\0\0')],
    ['ICO', begins('\0\0\x01\0')],
    ['Photoshop (PSD)', begins('8BPS')],
  ],
  other: [
    ['a document of Word (.docx)', zipOf('word/')],
    ['slides of PowerPoint (.pptx)', zipOf('ppt/')],
    ['a PDF file', begins('%PDF')],
    ['a video', begins('****ftyp', '\x1aE\xdf\xa3', 'RIFF****AVI ')],
    ['a program', begins('\x7fELF', 'MZ', '\0asm')],
  ],
  configuration: [],
  packed: [
    ['a zip archive', zip, unpack],
    ['a gzip archive', begins('\x1f\x8b'), unpack],
    ['a bzip2 archive', begins('BZh*1AY&SY'), unpack],
    ['an xz archive', begins('\xfd7zXZ\0'), unpack],
    ['a Zstandard archive', begins('\x28\xb5\x2f\xfd'), unpack],
    ['a 7-Zip archive', begins('7z\xbc\xaf\x27\x1c'), unpack],
    ['a RAR archive', begins('Rar!\x1a\x07'), unpack],
    ['a tar archive', ({ head }) => head.startsWith('ustar', 257), unpack],
  ],
  text: [['text in UTF-16 without a byte order mark', bareUtf16, 'Save it as UTF-8.']],
}

/** Of texts, by how they begin; comments, declarations and blanks before that are passed over. */
const texts: readonly (readonly [name: string, group: KindGroup, pattern: RegExp, fix?: string])[] = [
  [
    'a web page',
    'instead',
    /^<(!doctype html|html|head|body)\b/i,
    'It came in place of the file, perhaps because one has to sign in there: fetch the file itself.',
  ],
  [
    'an error message of a server',
    'instead',
    /^(<Error>|[45]\d\d: ?[A-Z]|Not Found\b)/,
    'It came in place of the file: fetch the file itself.',
  ],
  ['an SVG drawing', 'picture', /^<(!doctype )?svg\b/i],
  ['an XML file', 'text', /^<[!a-z]/i],
  ['the configuration of a model of Fovea (JSON)', 'configuration', /^\{\s*"format"\s*:\s*"fovea-model"/],
  ['the events of a run of Fovea', 'text', /^\{"type"\s*:/],
  ['the result of a run of Fovea (JSON)', 'text', /^\{\s*"recipe"\s*:\s*"/],
  ['a recipe of Fovea (JSON)', 'configuration', /^\{[\s\S]*"dataset"\s*:[\s\S]*"model"\s*:/],
  ['a history of training (JSON)', 'text', has('log_history|val_loss')],
  [
    'a model of TensorFlow.js (JSON, with its weights in files beside it)',
    'model',
    has('modelTopology|weightsManifest'),
  ],
  ['the index of a model in several files (JSON)', 'model', has('weight_map')],
  ['the metadata of a Teachable Machine model (JSON)', 'model', has('tmVersion')],
  ['the configuration of a Keras model (JSON, without weights)', 'model', has('class_name')],
  ['a Jupyter notebook', 'other', has('nbformat|cells')],
  ['an error message of a server (JSON)', 'other', /^\{\s*"(message|errors?|detail)"\s*:/],
  ['a JSON file', 'text', /^[{[]\s*["{[\]}\d-]/],
]

/** A JSON record that says one of these words early. */
function has(words: string): RegExp {
  return new RegExp(`^\\{[\\s\\S]*"(${words})"\\s*:`)
}

/** Whether a name ends as that of a picture, of a kind that is read or of another. */
export const hasPictureEnding = (file: string): boolean =>
  /\.(png|jpe?g|jpe|jfif|webp|gif|tiff?|avif|bmp|hei[cf]|jxl|jp2|svg)$/i.test(file)

/** How far a file is looked into, and how far from its end the names of an archive's members are looked for. */
const [SEEN, END] = [4096, 70_000]

/** Undefined where the bytes say nothing. `isWhole`: they are all of the file, not its beginning. */
export function kindOfFile(bytes: Uint8Array, isWhole = true): KindOfFile | undefined {
  if (bytes.length === 0) return { name: 'an empty file', group: 'instead', fix: fetchAnew }
  const seen = seenOf(bytes)
  for (const [group, rows] of Object.entries(signs) as [KindGroup, readonly Row[]][]) {
    const found = rows.find(([, sign]) => sign(seen))
    if (!found) continue
    const kind = recordOf(found[0], group, found[2])
    return isWhole ? cutOff(kind, seen) : kind
  }
  const text = beginningOfText(bytes, SEEN)
  return text === undefined ? undefined : kindOfText(text)
}

/** Of text that was read already. */
export function kindOfText(text: string): KindOfFile {
  const beginning = text.slice(0, SEEN).replace(/^(\s|<!--[\s\S]*?-->|<\?xml[^>]*>)+/, '')
  const [name, group, , fix] = texts.find(([, , pattern]) => pattern.test(beginning)) ?? ['a text file', 'text']
  return recordOf(name, group as KindGroup, fix)
}

function seenOf(bytes: Uint8Array): Seen {
  const head = latin(bytes.subarray(0, SEEN))
  const end = head.startsWith('PK') ? latin(bytes.subarray(Math.max(0, bytes.length - END))) : ''
  return { head, names: end && head + end, bytes }
}

/** One sign a byte. */
function latin(bytes: Uint8Array): string {
  let text = ''
  // Arguments of one call, of which there may not be too many: seven times as fast as a spread list of them.
  for (let at = 0; at < bytes.length; at += SEEN)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + SEEN) as unknown as number[])
  return text
}

/** Pictures go by the short name of their format: `PNG`, `a PNG picture`. */
function recordOf(name: string, group: KindGroup, fix: string | undefined): KindOfFile {
  const isShort = group === 'picture' && !/^an? /.test(name)
  return {
    name: isShort ? `${/^[AI]/.test(name) ? 'an' : 'a'} ${name} picture` : name,
    group,
    ...(isShort && { picture: name }),
    ...(fix !== undefined && { fix }),
  }
}

/** Of formats that say where they end, whether they come to that. */
function cutOff(kind: KindOfFile, seen: Seen): KindOfFile {
  const isCut =
    (zip(seen) && !seen.names.includes('PK\x05\x06')) || (hdf5(seen) && hdf5Length(seen.bytes) > seen.bytes.length)
  if (!isCut) return kind
  return {
    ...kind,
    name: `${kind.name} that is cut off`,
    ...(kind.group === 'packed' && { group: 'instead', fix: fetchAnew }),
  }
}

/** The length of an HDF5 file by its superblock: in versions 0 and 1 (of 8-byte offsets) at byte 40, later at byte 28. */
function hdf5Length(bytes: Uint8Array): number {
  const at = bytes[8]! < 2 ? 40 : 28
  if (bytes.length < at + 8) return Number.POSITIVE_INFINITY
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true))
}
