/**
 * A classifier as a file that needs nothing of Fovea: `NAME.wasm` (with JavaScript beside it, for whoever wants it), `NAME.js`, `NAME.html`. In: a
 * saved model. Out: the files, and what is said of them.
 */
import { toBase64 } from 'fovea/internal/base/base64'
import { UserError } from 'fovea/internal/base/errors'
import type { OutputScale } from 'fovea/internal/base/probabilities'
import { predictEntry } from 'fovea/internal/engine/predict-entry'
import { outputScale } from 'fovea/internal/network/output-scale'
import type { WeightBits } from 'fovea/internal/runtime/packed-weights'
import { standaloneModule } from 'fovea/internal/runtime/standalone-module'
import { weightsSha256 } from 'fovea/internal/store/weights-hash'
import { version } from '../command/version.ts'
import { type PageName, pageScript } from './page-script.ts'
import { type SavedModel, weightsByName } from './saved-model.ts'

/** What a module says of itself; JavaScript reads it in page/classifier.ts. */
export interface Description {
  readonly format: 'fovea-classifier'
  readonly version: 1
  readonly writtenBy: string
  readonly name: string
  readonly weights: WeightBits
  readonly classNames: readonly string[]
  readonly preprocess: SavedModel['spec']
  /** Of the trained weights, all bits. */
  readonly weightsSha256: string
  /** What its outputs are. */
  readonly scale: OutputScale
}

export interface ClassifierFile {
  readonly path: string
  readonly bytes: Uint8Array
}

export async function classifierFiles(saved: SavedModel, to: string, packing: WeightBits): Promise<ClassifierFile[]> {
  checkEnds(saved)
  const description: Description = {
    format: 'fovea-classifier',
    version: 1,
    writtenBy: `fovea ${version()}`,
    name: saved.model.name,
    weights: packing,
    classNames: saved.classNames,
    preprocess: saved.spec,
    weightsSha256: weightsSha256(saved.weights),
    scale: outputScale(saved.model),
  }
  const module = await standaloneModule(graphOf(saved), weightsByName(saved), { packing, about: description })
  const text = new TextEncoder()
  const script = (name: PageName): string => pageScript(name)
  if (/\.wasm$/i.test(to))
    return [
      { path: to, bytes: module },
      { path: `${to}.mjs`, bytes: text.encode(banner(description) + script('classifier-page')) },
      { path: `${to}.d.mts`, bytes: text.encode(types(description)) },
    ]
  const about = toBase64(text.encode(JSON.stringify(description)))
  const whole = script('classifier-file-page')
    .replace('%FOVEA_MODULE%', () => toBase64(module))
    .replace('%FOVEA_ABOUT%', () => about)
  return [
    { path: to, bytes: text.encode(banner(description) + whole) },
    { path: to.replace(/\.(m?)js$/i, '.d.$1ts'), bytes: text.encode(types(description) + ownTypes) },
  ]
}

/** One picture as bytes; what depends on weights alone is computed before. */
export const graphOf = ({ model }: SavedModel) => predictEntry(model).make(1, ['u8']).graph

function checkEnds({ model, path }: SavedModel): void {
  const [input, ...inputs] = model.inputs
  const [output, ...outputs] = model.outputs
  if (input && output && inputs.length === 0 && outputs.length === 0 && output.shape.length === 1) return
  throw new UserError({
    what: `${path} is no classifier of single pictures.`,
    expected: 'one picture in, one number for each class out',
    received: `${model.inputs.length} inputs, ${model.outputs.length} outputs`,
    fix: 'Export it as .onnx, .keras or model.json.',
  })
}

const banner = ({ name, classNames, writtenBy }: Description): string =>
  `/*! ${name.replaceAll('*/', '')}: ${classNames.length} classes. Written by ${writtenBy} (MIT). */\n`

function types({ classNames }: Description): string {
  const union = classNames.map(name => JSON.stringify(name)).join(' | ')
  return `/** Classes of the model. */
export type ClassName = ${union || 'string'}

export interface ClassProbability {
  readonly className: ClassName
  readonly probability: number
}

/** Pixels row by row, 1 (grey), 3 or 4 bytes each: \`ImageData\` is one. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels?: 1 | 2 | 3 | 4
  readonly data: Uint8Array | Uint8ClampedArray
}

/** Browsers, and their workers, also take the bytes of files, a Blob, a canvas, an image. */
export type AnyPicture = Pixels | Uint8Array | ArrayBuffer | { readonly width: number; readonly height: number } | { arrayBuffer(): Promise<ArrayBuffer> }

export interface Classifier {
  readonly classNames: readonly ClassName[]
  /** The classes of a picture of any size, the most probable first. */
  classify(picture: AnyPicture, options?: { readonly top?: number }): Promise<ClassProbability[]>
  /** Of the bytes of a picture of the model's own size, in the order of the classes. */
  probabilities(pixels: ArrayLike<number>): number[]
}

/** Of a compiled module: \`import module from './classifier.wasm'\` at the edge. */
export declare function classifierOf(module: WebAssembly.Module): Classifier
/** Of a module, its bytes, or what \`fetch\` gives. */
export declare function loadClassifier(
  source: WebAssembly.Module | Uint8Array<ArrayBuffer> | ArrayBuffer | Response | Promise<Response>,
): Promise<Classifier>
`
}

const ownTypes = `
export declare const classNames: readonly ClassName[]
/** The classes of a picture of any size, the most probable first. */
export declare function classify(picture: AnyPicture, options?: { readonly top?: number }): Promise<ClassProbability[]>
/** Of the bytes of a picture of the model's own size, in the order of the classes. */
export declare function probabilities(pixels: ArrayLike<number>): Promise<number[]>
`
