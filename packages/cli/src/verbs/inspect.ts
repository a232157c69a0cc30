/** `fovea inspect FILE`: what is in a model file, whoever wrote it, without running it. */
import { UserError } from 'fovea/internal/base/errors'
import { kindOfFile } from 'fovea/internal/base/file-kind'
import { formatShape } from 'fovea/internal/base/shape'
import { grouped, inBytes, shortList } from 'fovea/internal/base/text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { modelFromConfig } from 'fovea/internal/network/config'
import type { Model } from 'fovea/internal/network/model'
import { summary as summaryTable } from 'fovea/internal/network/summary'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { decodeSafetensors } from 'fovea/internal/store/tensor-file'
import { command } from '../command/command.ts'
import type { InspectDocument } from '../command/documents.ts'
import { formatOf, modelFileAt } from '../command/model-file.ts'
import { trainedModelPath } from '../command/model-words.ts'
import { nextForModel } from '../command/next-command.ts'
import { commonOptions } from '../command/options.ts'
import { summaryDocument } from './summary.ts'

/** Tensors of a file without a network that are listed for people. */
const mostListed = 40

export const inspect = command({
  positional: { name: 'FILE', help: 'a model file of any program, or a run directory', least: 1, most: 1 },
  options: commonOptions,
  examples: ['inspect keras_model.h5', 'inspect model.onnx --json'],
  run: async (_, { words: [word] }) => {
    const path = await trainedModelPath(word!)
    const bytes = await nodeFiles.read(path)
    const format = await formatOf(bytes)
    const kind = kindOfFile(bytes)?.name
    const known = {
      file: path,
      bytes: bytes.length,
      ...(format !== undefined && { format }),
      ...(kind !== undefined && { kind }),
    }
    try {
      const file = {
        writer: format === 'safetensors' ? writerOf(bytes, path) : undefined,
        ...(await modelFileAt(path)),
      }
      const model = file.model === undefined ? undefined : modelFromConfig(file.model)
      const document: InspectDocument = { ...known, ...contentOf(file, model) }
      const next = model === undefined ? 'help inspect' : await nextForModel(word!, model)
      return { document, text: textOf(document, model), next }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const { problems } = error
      const document: InspectDocument = { ...known, problems }
      return {
        document,
        text: firstLine(document),
        next: 'help inspect',
        failed: [{ file: word!, problems }],
      }
    }
  },
})

/** Of safetensors: PyTorch calls its files so, whoever saves the tensors. */
function writerOf(bytes: Uint8Array, path: string): string | undefined {
  const { format } = decodeSafetensors(bytes, path).metadata
  return { fovea: 'Fovea', pt: 'PyTorch' }[format ?? '']
}

function contentOf(file: ModelFile, model: Model | undefined): Omit<InspectDocument, 'file' | 'bytes'> {
  const { writer, classNames, preprocess, notes = [], weights } = file
  return {
    ...(writer !== undefined && { writer }),
    ...(model && {
      inputs: model.inputs.map(({ name, shape }) => ({ name, shape })),
      outputs: model.outputs.map(({ name, shape }) => ({ name, shape })),
      layers: summaryDocument(model, false).layers,
      params: summaryDocument(model, false).params,
    }),
    weights: weights.map(({ name, shape }) => ({ name, shape })),
    ...(classNames && { classNames }),
    ...(preprocess && { preprocess }),
    ...(notes.length > 0 && { notes }),
  }
}

function firstLine({ file, bytes, format, kind, writer }: InspectDocument): string {
  const what = kind ?? (format === undefined ? 'a file of no kind that is known here' : `a ${format} file`)
  return `${file}: ${what}, ${inBytes(bytes)}${writer === undefined ? '' : `, written by ${writer}`}`
}

function textOf(document: InspectDocument, model: Model | undefined): string {
  const { inputs = [], outputs = [], weights = [], classNames, preprocess, notes = [] } = document
  const ends = (values: typeof inputs): string =>
    values.map(({ name, shape }) => `${name} ${shape.length === 0 ? 'a number' : shape.join('×')}`).join(', ')
  const values = weights.reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0)
  const rows: [string, string | undefined][] = [
    ['Inputs', model && ends(inputs)],
    ['Outputs', model && ends(outputs)],
    ['Classes', classNames && `${classNames.length}: ${shortList(classNames)}`],
    ['Pictures', preprocess && picturesOf(preprocess)],
    ['Weights', `${counted(weights.length, 'tensor')}, ${counted(values, 'number')}`],
  ]
  const facts = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(9)} ${value}`]))
  const listed = weights.slice(0, mostListed).map(({ name, shape }) => `  ${name} ${formatShape(shape)}`)
  const more = weights.length > mostListed ? [`  … and ${weights.length - mostListed} more (--json lists all)`] : []
  return [
    firstLine(document),
    ...facts,
    ...(model ? ['', summaryTable(model)] : ['It holds weights, and no network they belong to:', ...listed, ...more]),
    ...(notes.length > 0 ? ['', 'The file says more than the model keeps:', ...notes.map(note => `- ${note}`)] : []),
  ].join('\n')
}

const counted = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`

function picturesOf(spec: { readonly [name: string]: unknown }): string {
  const { shape, channels, resize } = spec
  const size = Array.isArray(shape) ? shape.slice(0, 2).join('×') : ''
  return [size, channels, resize].filter(part => typeof part === 'string' && part !== '').join(', ')
}
