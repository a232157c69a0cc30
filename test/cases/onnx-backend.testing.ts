/**
 * The test data of ONNX's own backends: an archive of models with inputs and outputs, unpacked into a folder of the system for as long as
 * the process runs. Here: its index and tensors, and a case asked of Fovea.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeOnnx } from '../../packages/formats/src/onnx/decode.ts'
import { importedNetwork } from '../../packages/formats/src/onnx/import.ts'
import type { OnnxModel, OnnxTensor } from '../../packages/formats/src/onnx/onnx-model.ts'
import { modelFromConfig } from '../../packages/fovea/src/network/config.ts'
import { modelNodes } from '../../packages/fovea/src/network/model-nodes.ts'
import { openedBytes } from '../../packages/fovea/src/store/model-formats.ts'
import { message } from '../../packages/fovea/src/store/protobuf.ts'
import { bench } from './bench.testing.ts'
import { disagreement, type Tolerance } from './case-files.testing.ts'
import { allowed } from './devices.testing.ts'

export interface BackendCase {
  readonly id: string
  readonly folder: string
  readonly tolerance: Tolerance
}

interface CaseFiles {
  readonly model: OnnxModel
  readonly inputs: readonly OnnxTensor[]
  readonly outputs: readonly OnnxTensor[]
}

interface IndexEntry {
  readonly id: string
  /** What ONNX Runtime differs by at most. */
  readonly ort_maxabs?: number
}

const archive = (): string => join(process.env['FOVEA_CASES'] ?? '', 'onnx-backend.tar.xz')

/** Why the suite is skipped, or undefined. Node has no xz: the system's tar is asked. */
export function backendMissing(): string | undefined {
  if (process.env['FOVEA_CASES'] === undefined) return 'FOVEA_CASES is not set: the folder with recorded cases'
  if (!existsSync(archive())) return `${archive()} is missing`
  return spawnSync('xz', ['--version']).status === 0
    ? undefined
    : 'the program xz is missing, which unpacks the archive'
}

/** The folder of the cases, unpacked. */
export function unpackedCases(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-onnx-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { status, stderr } = spawnSync('tar', ['xJf', archive(), '-C', folder])
  if (status !== 0) throw new Error(`tar: ${stderr}`)
  return folder
}

/** Those that have inputs and outputs in files of their own, in the order of the index. */
export function backendCases(folder: string): BackendCase[] {
  const index = JSON.parse(readFileSync(join(folder, 'onnx-backend/index.json'), 'utf8')) as IndexEntry[]
  return index
    .filter(({ id }) => existsSync(join(folder, id, 'model.onnx')))
    .map(({ id, ort_maxabs = 0 }) => ({
      id: id.slice(id.indexOf('/') + 1),
      folder: join(folder, id),
      tolerance: ort_maxabs > 1e-5 ? { rtol: 1e-3, atol: 1e-3 } : { rtol: 1e-5, atol: 1e-6 },
    }))
}

async function readCase({ id, folder }: BackendCase): Promise<CaseFiles> {
  const model = await decodeOnnx(openedBytes(readFileSync(join(folder, 'model.onnx')), id))
  const data = join(folder, 'test_data_set_0')
  const tensors = (kind: string) => {
    const names = readdirSync(data).filter(name => name.startsWith(kind))
    const sorted = names.sort((a, b) => numberIn(a) - numberIn(b))
    return Promise.all(sorted.map(name => readTensor(readFileSync(join(data, name)), `${id}/${name}`)))
  }
  return { model, inputs: await tensors('input'), outputs: await tensors('output') }
}

const numberIn = (name: string): number => Number(/\d+/.exec(name)?.[0])

/** A tensor alone is read as the only one of a model. */
export async function readTensor(bytes: Uint8Array, source: string): Promise<OnnxTensor> {
  const model = message([[7, 'bytes', message([[5, 'bytes', bytes]])]])
  return (await decodeOnnx(openedBytes(model, source))).graph.initializers[0]!
}

/** A value as it is given to the network: a batch of samples. */
interface Given {
  readonly model: OnnxModel
  readonly rows: readonly OnnxTensor[]
}

/**
 * The forms in which a case can be put. The cases have no weights: all that an operator takes is an input of the graph. So either all
 * inputs are computed values, or but one all are numbers of the file. The first axis is the batch; where that cannot be, all is one sample.
 */
function* forms({ model, inputs }: CaseFiles): Generator<Given> {
  const isWeight = new Set(model.graph.initializers.map(({ name }) => name))
  // Up to IR version 3 weights are inputs as well.
  const values = model.graph.inputs.filter(({ name }) => !isWeight.has(name))
  const taken = (isBatched: boolean, isRow: (at: number) => boolean): Given => {
    const rows = inputs.filter((_, at) => isRow(at)).map(row => (isBatched ? row : { ...row, dims: [1, ...row.dims] }))
    const constants = inputs.flatMap((tensor, at) => (isRow(at) ? [] : [{ ...tensor, name: values[at]!.name }]))
    const graph = {
      ...model.graph,
      initializers: [...model.graph.initializers, ...constants],
      inputs: values.filter((_, at) => isRow(at)).map((value, at) => ({ ...value, dims: rows[at]!.dims })),
    }
    return { model: { ...model, graph }, rows }
  }
  for (const isBatched of [true, false]) {
    yield taken(isBatched, () => true)
    if (inputs.length > 1) yield taken(isBatched, at => at === 0)
    if (inputs.length > 1) yield taken(isBatched, at => at === 1)
    if (inputs.length > 2) yield taken(isBatched, at => at !== 1)
  }
}

/** Undefined where the outputs agree in one of the forms, else what went wrong in the usual one: one computed value. */
export async function runBackendCase(one: BackendCase): Promise<string | undefined> {
  const files = await readCase(one)
  const failures: string[] = []
  for (const given of forms(files)) {
    const failure = await failureOf(given, files.outputs, one.tolerance)
    if (failure === undefined) return undefined
    failures.push(failure)
  }
  return failures.slice(1).find(failure => !/should be computed/.test(failure)) ?? failures[0]
}

async function failureOf(
  { model, rows }: Given,
  outputs: readonly OnnxTensor[],
  tolerance: Tolerance,
): Promise<string | undefined> {
  const batch = rows[0]?.dims[0]
  if (batch === undefined || batch < 1 || rows.some(row => row.dims[0] !== batch)) return 'inputs of different batches'
  try {
    const network = importedNetwork(model, 'the case')
    const used = model.graph.inputs.map(({ name }) => name).filter(name => isRead(model, name))
    for (const [at, expected] of outputs.entries()) {
      const { graph, randomKey, input, state, run } = bench(batch)
      const built = modelFromConfig(network.model)
      for (const { name, shape, data } of network.weights) state(name, { shape, data: [...data] })
      const nodes = built.inputs.map(({ shape }, index) => {
        const row = rows[model.graph.inputs.findIndex(({ name }) => name === used[index])]!
        const data = network.channelsFirst.inputs[index] ? channelsLast(row) : [...row.data]
        return input({ shape: [batch, ...shape], data }, true)
      })
      const { outputs: values } = modelNodes(built, graph, { inputs: nodes, training: false, randomKey })
      const { data } = await run(values[at]!)
      const wanted = network.channelsFirst.outputs[at]
        ? channelsLast({ ...expected, dims: picture(expected, batch) })
        : expected.data
      const failure = disagreement(data, wanted, roughness[expected.type] ?? allowed(tolerance))
      if (failure !== undefined) return failure
    }
    return undefined
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 2).join(' ')
  }
}

/** Of outputs that were rounded when they were written down. */
const roughness: Partial<Record<OnnxTensor['type'], Tolerance>> = {
  float16: { rtol: 1e-3, atol: 1e-3 },
  bfloat16: { rtol: 1e-2, atol: 1e-2 },
}

const isRead = ({ graph }: OnnxModel, name: string): boolean =>
  graph.nodes.some(node => node.inputs.includes(name)) || graph.outputs.some(output => output.name === name)

/** [batch, channels, height, width] of a picture, also where the case is one sample. */
const picture = ({ dims }: OnnxTensor, batch: number): readonly number[] =>
  dims.length === 4 ? dims : [batch, ...dims]

function channelsLast({ dims, data }: OnnxTensor): number[] {
  const [batch, channels, height, width] = dims as [number, number, number, number]
  const places = height * width
  return Array.from({ length: batch * channels * places }, (_, at) => {
    const [sample, place, channel] = [
      Math.floor(at / (channels * places)),
      Math.floor(at / channels) % places,
      at % channels,
    ]
    return data[(sample * channels + channel) * places + place]!
  })
}
