/**
 * A classifier as a file that needs nothing of Fovea: `NAME.wasm` (with JavaScript beside it, for whoever wants it), `NAME.js`, `NAME.html`. In: a
 * saved model. Out: the files, and what is said of them.
 */
import { toBase64 } from 'fovea/internal/base/base64'
import { UserError } from 'fovea/internal/base/errors'
import type { OutputScale } from 'fovea/internal/base/probabilities'
import { grouped, percent } from 'fovea/internal/base/text'
import { sourceRange } from 'fovea/internal/data/parts-of-source'
import { labelledPictures } from 'fovea/internal/engine/picture-rows'
import { predictEntry } from 'fovea/internal/engine/predict-entry'
import { outputScale } from 'fovea/internal/network/output-scale'
import type { WeightBits } from 'fovea/internal/runtime/packed-weights'
import { packedStates, standaloneModule } from 'fovea/internal/runtime/standalone-module'
import type { Context } from '../command/command.ts'
import { version } from '../command/version.ts'
import { type PageName, pageScript } from './page-script.ts'
import { evaluatorOf } from './saved-evaluator.ts'
import { type SavedModel, weightsByName } from './saved-model.ts'
import { testPictures } from './test-pictures.ts'

/** What a module says of itself; JavaScript reads it in page/classifier.ts. */
export interface Description {
  readonly format: 'fovea-classifier'
  readonly version: 1
  readonly writtenBy: string
  readonly name: string
  readonly weights: WeightBits
  readonly classNames: readonly string[]
  readonly preprocess: SavedModel['spec']
  /** What its outputs are. */
  readonly scale: OutputScale
}

export interface ClassifierFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Test pictures on which the loss of accuracy is measured: enough to see a tenth of a point. */
const mostMeasured = 10_000

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
    scale: outputScale(saved.model),
  }
  const module = await standaloneModule(graphOf(saved), weightsByName(saved), { packing, about: description })
  const text = new TextEncoder()
  const script = (name: PageName): string => pageScript(name)
  if (to.endsWith('.wasm'))
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
    { path: to.replace(/\.(m?)js$/, '.d.$1ts'), bytes: text.encode(types(description) + ownTypes) },
  ]
}

/** One picture as bytes; what depends on weights alone is computed before. */
const graphOf = ({ model }: SavedModel) => predictEntry(model).make(1, ['u8']).graph

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

export interface MeasuredLoss {
  readonly pictures: number
  readonly dataset: string
  readonly before: number
  readonly after: number
}

/** Accuracy with all bits and with those of the file. Undefined where the pictures it was tested on are not here. */
export async function measuredLoss(
  saved: SavedModel,
  packing: WeightBits,
  context: Context,
  signal: AbortSignal,
): Promise<MeasuredLoss | undefined> {
  const tested = await testPictures(saved, undefined, { offline: true }, context, signal).catch(error => {
    if (error instanceof UserError) return undefined
    throw error
  })
  if (!tested) return undefined
  const pictures = sourceRange(tested.pictures, 0, Math.min(mostMeasured, tested.pictures.count))
  const accuracy = async (model: SavedModel): Promise<number> => {
    const evaluator = evaluatorOf(model)
    try {
      const { logs } = await evaluator.evaluate(labelledPictures(model.model, evaluator.targets, pictures), { signal })
      signal.throwIfAborted()
      return logs['accuracy']!
    } finally {
      await evaluator.dispose()
    }
  }
  const states = await packedStates(graphOf(saved), weightsByName(saved), packing)
  const weights = saved.weights.map(weight => ({ ...weight, data: states[weight.name] ?? weight.data }))
  return {
    pictures: pictures.count,
    dataset: tested.name,
    before: await accuracy(saved),
    after: await accuracy({ ...saved, weights: weights as SavedModel['weights'] }),
  }
}

export function accuracyLossText(packing: WeightBits, loss: MeasuredLoss | undefined): string {
  if (!loss) return `Weights as ${packing}; what that costs is not measured: the test pictures are not here.`
  const { before, after, pictures, dataset } = loss
  const test = `${grouped(pictures)} test pictures of ${dataset}`
  return `Weights as ${packing}: accuracy ${percent(before)} with all bits, ${percent(after)} with these, on ${test}.`
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
