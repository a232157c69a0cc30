/**
 * `fovea export MODEL --to FILE`: a saved model as a file that other programs read, or that needs none, in the format that the name promises.
 */
import { UserError } from 'fovea/internal/base/errors'
import { inBytes, shellWord } from 'fovea/internal/base/text'
import { isSameFile, nodeFiles } from 'fovea/internal/host/node/files'
import { modelFromConfig } from 'fovea/internal/network/config'
import type { Model } from 'fovea/internal/network/model'
import type { WeightBits } from 'fovea/internal/runtime/packed-weights'
import type { WrittenModel } from 'fovea/internal/store/model-formats'
import { writeModel, writerFor } from 'fovea/internal/store/model-writers'
import { besideOf } from 'fovea/internal/store/opened-file'
import { type Context, command, type Outcome } from '../command/command.ts'
import type { ExportDocument } from '../command/documents.ts'
import { formatOf, modelFileAt, useModelFormats } from '../command/model-file.ts'
import { trainedModelPath } from '../command/model-words.ts'
import { noEffect } from '../command/no-effect.ts'
import { choiceOption, commonOptions, type OptionValues, textOption } from '../command/options.ts'
import { UsageError } from '../command/usage-error.ts'
import { version } from '../command/version.ts'

/** Of ONNX files alone. */
const onnxOptions = ['layout', 'batch-norm', 'input'] as const

const options = {
  to: textOption(
    'FILE',
    'what to write: NAME.wasm, NAME.js, NAME.html (a classifier that needs nothing); NAME.keras, NAME.weights.h5, model.json (TensorFlow.js), NAME.onnx, NAME.safetensors',
  ),
  weights: choiceOption(
    ['float32', 'float16', 'int8'],
    'of .wasm, .js and .html: all bits (default), or fewer, with what that costs in accuracy',
  ),
  layout: choiceOption(['nhwc', 'nchw'], 'of .onnx: channels of pictures last (default), or first'),
  'batch-norm': choiceOption(
    ['kept', 'folded'],
    'of .onnx: batch normalizations as they are (default), or folded into the layers before',
  ),
  input: choiceOption(['float', 'uint8'], 'of .onnx: pictures go in as floats (default), or as bytes'),
  ...commonOptions,
}

type Values = OptionValues<typeof options>

export const exportModel = command({
  positional: { name: 'MODEL', help: 'a model file of any program, or a run directory', least: 1, most: 1 },
  options,
  examples: [
    'export runs/photos --to photos.js',
    'export runs/photos --to photos.onnx',
    'export best.safetensors --to model.keras',
  ],
  run: async (context, { values, words: [word] }): Promise<Outcome<ExportDocument>> => {
    const { to } = values
    if (to === undefined) {
      throw new UsageError({
        what: 'It is not said what to write.',
        expected: '--to FILE, in the format that its name promises',
        fix: `fovea export ${shellWord(word!)} --to model.onnx`,
      })
    }
    const isOnnx = /\.onnx$/i.test(to)
    const isAlone = /\.(wasm|m?js|html)$/i.test(to)
    checkKinds(values, onnxOptions, isOnnx, 'ONNX files', 'NAME.onnx')
    checkKinds(values, ['weights'], isAlone, 'classifiers that need nothing', 'NAME.wasm, NAME.js or NAME.html')
    useModelFormats()
    const path = await trainedModelPath(word!)
    if (await isSameFile(path, to))
      throw new UserError({ what: `${to} is the model itself.`, fix: 'give the copy another name' })
    return isAlone ? exportAlone(context, word!, to, values.weights ?? 'float32') : exportFor(context, path, to, values)
  },
})

function checkKinds(
  values: Values,
  names: readonly (keyof Values)[],
  isOfThem: boolean,
  kind: string,
  expected: string,
): void {
  const idle = names.filter(name => values[name] !== undefined && !isOfThem)
  if (idle.length === 0) return
  throw new UsageError({
    what: `${idle.map(name => `--${name}`).join(' and ')} ${idle.length > 1 ? 'are' : 'is'} of ${kind}, and ${values.to} is none.`,
    expected: `--to ${expected}`,
  })
}

/** For programs of others. */
async function exportFor(context: Context, path: string, to: string, values: Values): Promise<Outcome<ExportDocument>> {
  const file = await modelFileAt(path)
  for (const note of file.notes ?? []) context.note(note)
  if (file.model) noteIdle(context, values, modelFromConfig(file.model))
  const write = /\.onnx$/i.test(to)
    ? async (): Promise<WrittenModel> => {
        const { exportOnnx } = await import('@fovea/formats/internal/index')
        const { layout, input, 'batch-norm': batchNorm } = values
        return { bytes: await exportOnnx(file, { layout, input, batchNorm }) }
      }
    : await writerFor(to)
  const written = await write(file, to)
  await writeModel(nodeFiles, to, written)
  for (const note of written.notes ?? []) context.note(note)
  const files = [
    { file: to, bytes: written.bytes.length },
    ...Object.entries(written.beside ?? {}).map(([name, { length }]) => ({
      file: besideOf(nodeFiles, to, name),
      bytes: length,
    })),
  ]
  const document = { model: path, files, format: (await formatOf(written.bytes)) ?? 'safetensors' }
  return { document, text: textOf(document), next: `inspect ${shellWord(to)}` }
}

/** For no other program. */
async function exportAlone(
  context: Context,
  word: string,
  to: string,
  packing: WeightBits,
): Promise<Outcome<ExportDocument>> {
  const { savedModel } = await import('./saved-model.ts')
  const { classifierFiles } = await import('./export-classifier.ts')
  const { accuracyLossText, packingLoss } = await import('./packing-loss.ts')
  const saved = await savedModel(word, context)
  const written = await (/\.html$/i.test(to) ? pageFile(saved, word, to, packing) : classifierFiles(saved, to, packing))
  for (const { path, bytes } of written) await nodeFiles.write(path, bytes)
  const loss =
    packing === 'float32' ? {} : await context.interruptible(signal => packingLoss(saved, packing, context, signal))
  const document: ExportDocument = {
    model: saved.path,
    files: written.map(({ path, bytes }) => ({ file: path, bytes: bytes.length })),
    format: 'classifier',
    ...loss,
  }
  const told = packing === 'float32' ? '' : `\n${accuracyLossText(packing, loss)}`
  return { document, text: `${textOf(document)}${told}`, next: `predict ${shellWord(word)} your-picture.png` }
}

async function pageFile(
  saved: Parameters<typeof import('./live-model.ts').liveModel>[0],
  word: string,
  to: string,
  packing: WeightBits,
) {
  if (packing === 'int8')
    throw new UsageError({ what: 'A page has weights of 32 or 16 bits.', expected: '--weights float32 or float16' })
  const { liveModel } = await import('./live-model.ts')
  const live = await liveModel(saved, word, { most: Infinity, side: Infinity, precision: packing })
  if ('reason' in live) throw new UserError({ what: live.reason })
  const { classifierPage } = await import('../report/page-of-classifier.ts')
  const html = classifierPage(saved.recipe?.name ?? saved.model.name, live, version())
  return [{ path: to, bytes: new TextEncoder().encode(html) }]
}

const textOf = ({ model, format, files }: ExportDocument): string =>
  [`${model} as ${format}:`, ...files.map(({ file, bytes }) => `${file}  ${inBytes(bytes)}`)].join('\n')

/** Options that change nothing for this network. */
function noteIdle(context: Context, values: Values, { inputs, layers }: Model): void {
  const takesPictures = inputs.some(({ shape }) => shape.length === 3)
  for (const option of ['layout', 'input'] as const)
    if (values[option] !== undefined && !takesPictures) noEffect(context, option, 'no pictures go in')
  if (values['batch-norm'] !== undefined && !layers.some(({ layer }) => layer.traits.batchStatistics))
    noEffect(context, 'batch-norm', 'the network has no batch normalization')
}
