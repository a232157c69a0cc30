/** `fovea export MODEL --to FILE`: a saved model as a file that other programs read, in the format that the name promises. */
import { UserError } from 'fovea/internal/base/errors'
import { inBytes, shellWord } from 'fovea/internal/base/text'
import { isSameFile, nodeFiles } from 'fovea/internal/host/node/files'
import { modelFromConfig } from 'fovea/internal/network/config'
import type { Model } from 'fovea/internal/network/model'
import type { WrittenModel } from 'fovea/internal/store/model-formats'
import { writeModel, writerFor } from 'fovea/internal/store/model-writers'
import { besideOf } from 'fovea/internal/store/opened-file'
import { type Context, command } from '../command/command.ts'
import type { ExportDocument } from '../command/documents.ts'
import { formatOf, modelFileAt, useModelFormats } from '../command/model-file.ts'
import { trainedModelPath } from '../command/model-words.ts'
import { noEffect } from '../command/no-effect.ts'
import { choiceOption, commonOptions, textOption } from '../command/options.ts'
import { UsageError } from '../command/usage-error.ts'

/** Of ONNX files alone. */
const onnxOptions = ['layout', 'batch-norm', 'input'] as const

export const exportModel = command({
  positional: { name: 'MODEL', help: 'a model file of any program, or a run directory', least: 1, most: 1 },
  options: {
    to: textOption(
      'FILE',
      'what to write: NAME.keras, NAME.weights.h5, model.json (TensorFlow.js), NAME.onnx, NAME.safetensors',
    ),
    layout: choiceOption(['nhwc', 'nchw'], 'of .onnx: channels of pictures last (default), or first'),
    'batch-norm': choiceOption(
      ['kept', 'folded'],
      'of .onnx: batch normalizations as they are (default), or folded into the layers before',
    ),
    input: choiceOption(['float', 'uint8'], 'of .onnx: pictures go in as floats (default), or as bytes'),
    ...commonOptions,
  },
  examples: ['export runs/photos --to photos.onnx', 'export best.safetensors --to model.keras'],
  run: async (context, { values, words: [word] }) => {
    const { to } = values
    if (to === undefined) {
      throw new UsageError({
        what: 'It is not said what to write.',
        expected: '--to FILE, in the format that its name promises',
        fix: `fovea export ${shellWord(word!)} --to model.onnx`,
      })
    }
    const isOnnx = to.toLowerCase().endsWith('.onnx')
    const idle = onnxOptions.filter(name => values[name] !== undefined && !isOnnx)
    if (idle.length > 0) {
      throw new UsageError({
        what: `${idle.map(name => `--${name}`).join(' and ')} ${idle.length > 1 ? 'are' : 'is'} of ONNX files, and ${to} is none.`,
        expected: '--to NAME.onnx',
      })
    }
    useModelFormats()
    const path = await trainedModelPath(word!)
    if (await isSameFile(path, to))
      throw new UserError({ what: `${to} is the model itself.`, fix: 'give the copy another name' })
    const file = await modelFileAt(path)
    for (const note of file.notes ?? []) context.note(note)
    if (file.model) noteIdle(context, values, modelFromConfig(file.model))
    const write = isOnnx
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
    const document: ExportDocument = { model: path, files, format: (await formatOf(written.bytes)) ?? 'safetensors' }
    const lines = files.map(({ file: name, bytes }) => `${name}  ${inBytes(bytes)}`)
    return {
      document,
      text: [`${path} as ${document.format}:`, ...lines].join('\n'),
      next: `inspect ${shellWord(to)}`,
    }
  },
})

/** Options that change nothing for this network. */
function noteIdle(
  context: Context,
  values: { readonly [K in (typeof onnxOptions)[number]]?: unknown },
  { inputs, layers }: Model,
): void {
  const takesPictures = inputs.some(({ shape }) => shape.length === 3)
  for (const option of ['layout', 'input'] as const)
    if (values[option] !== undefined && !takesPictures) noEffect(context, option, 'no pictures go in')
  if (values['batch-norm'] !== undefined && !layers.some(({ layer }) => layer.traits.batchStatistics))
    noEffect(context, 'batch-norm', 'the network has no batch normalization')
}
