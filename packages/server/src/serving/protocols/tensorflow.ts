/**
 * TensorFlow Serving's REST interface, and KServe's first version, which has the same addresses and asks for explanations too. What both
 * answer under one address is one record with the members of both. Sources: tensorflow.org/tfx/serving/api_rest; KServe, Data Plane v1.
 */
import type { Float32NdArray } from 'fovea'
import { isJsonRecord, type Json } from 'fovea/internal/base/json'
import { sizeOf } from 'fovea/internal/base/shape'
import { jsonReply, textReply } from '../answers.ts'
import { base64Of, recordOf } from '../body.ts'
import {
  type Lease,
  type Named,
  Refusal,
  type Reply,
  type Servable,
  type ServedRows,
  type ServedTensor,
  type ServedVersion,
} from '../contract.ts'
import { decimalText, listsText, listText, recordText } from '../decimals.ts'
import type { Exchange } from '../exchange.ts'
import { unknownModel } from '../fixed-catalogue.ts'
import { classRowsOf, listsOf, outputsOf, rowsOfLists } from '../rows.ts'

/** What KServe's clients of the first version ask for when they want to know whether the server is there. */
export const alive = (): Reply => jsonReply({ status: 'alive' })

export const listModels = ({ catalogue }: Exchange): Reply => jsonReply({ models: catalogue.names() })

export function modelStatus({ catalogue }: Exchange, { name, version, label }: Named): Reply {
  const all = catalogue.versions(name)
  if (all === undefined) throw unknownModel(name, catalogue.names())
  const asked = all.filter(
    each => (version === undefined || each.version === version) && (label === undefined || each.labels.includes(label)),
  )
  if (asked.length === 0)
    throw new Refusal(404, `Model ${name} has no ${label === undefined ? `version ${version}` : `label '${label}'`}.`)
  const isReady = asked.some(({ state }) => state === 'AVAILABLE')
  return jsonReply({ name, ready: isReady, model_version_status: asked.map(statusOf) })
}

const statusOf = ({ version, state, error }: ServedVersion) => ({
  version,
  state,
  status: { error_code: error === undefined ? 'OK' : 'UNKNOWN', error_message: error ?? '' },
})

export function modelMetadata(exchange: Exchange, { name, ...wanted }: Named): Reply {
  const { version, servable } = exchange.lease(name, wanted)
  const { inputs, outputs } = servable.model
  const signature = {
    inputs: Object.fromEntries(inputs.map(tensorInfo)),
    outputs: Object.fromEntries(outputs.map(tensorInfo)),
    method_name: 'tensorflow/serving/predict',
    defaults: {},
  }
  return jsonReply({
    model_spec: { name, signature_name: '', version },
    metadata: { signature_def: { signature_def: { serving_default: signature } } },
  })
}

const tensorInfo = ({ name, shape }: ServedTensor) => [
  name,
  {
    dtype: 'DT_FLOAT',
    tensor_shape: { dim: [-1, ...shape].map(size => ({ size: String(size), name: '' })), unknown_rank: false },
    name: `${name}:0`,
  },
]

export async function predictRows(exchange: Exchange, { name, ...wanted }: Named): Promise<Reply> {
  const lease = exchange.lease(name, wanted)
  const body = recordOf(await exchange.read())
  checkSignature(body['signature_name'])
  const { instances, inputs } = body
  if ((instances === undefined) === (inputs === undefined))
    throw new Refusal(400, 'The body has to have either "instances" (rows) or "inputs" (columns).')
  const { model } = lease.servable
  const columns = instances === undefined ? columnsOf(inputs!, model.inputs) : columnsOfRows(instances, model.inputs)
  const outputs = await computed(exchange, lease, columns)
  const names = model.outputs.map(output => output.name)
  /** The name of an only output is left out. */
  const named = (texts: readonly string[]): string =>
    texts.length === 1 ? texts[0]! : recordText(texts.map((text, index) => [names[index]!, text]))
  if (instances === undefined)
    return textReply(recordText([['outputs', named(outputs.map(({ shape, data }) => listsText(data, shape)))]]))
  const rows = Array.from({ length: outputs[0]!.shape[0]! }, (_, row) =>
    named(outputs.map(({ shape: [, ...shape], data }) => listsText(data, shape, row * sizeOf(shape)))),
  )
  return textReply(recordText([['predictions', listText(rows)]]))
}

const defaultSignatures = ['', 'serving_default', 'predict']

function checkSignature(name: Json | undefined): void {
  if (name === undefined || defaultSignatures.includes(name as string)) return
  throw new Refusal(400, `There is no signature ${JSON.stringify(name)?.slice(0, 60)}; there is serving_default.`)
}

/** The values of each input, all rows. */
type Columns = Readonly<Record<string, Json>>

function columnsOf(inputs: Json, tensors: readonly ServedTensor[]): Columns {
  const [first, ...more] = tensors
  if (isJsonRecord(inputs) && !isFile(inputs)) {
    checkInputNames(Object.keys(inputs), tensors)
    return inputs
  }
  if (more.length === 0) return { [first!.name]: inputs }
  throw new Refusal(400, `"inputs" has to be an object with ${tensors.map(({ name }) => name).join(', ')}.`)
}

function columnsOfRows(instances: Json, tensors: readonly ServedTensor[]): Columns {
  if (!Array.isArray(instances) || instances.length === 0)
    throw new Refusal(400, '"instances" has to be a list of at least one row.')
  const areNamed = instances.every(row => isJsonRecord(row) && !isFile(row))
  if (!areNamed) {
    if (tensors.length === 1) return { [tensors[0]!.name]: instances }
    throw new Refusal(400, `Each row has to be an object with ${tensors.map(({ name }) => name).join(', ')}.`)
  }
  const rows = instances as readonly Readonly<Record<string, Json>>[]
  for (const row of rows) checkInputNames(Object.keys(row), tensors)
  return Object.fromEntries(tensors.map(({ name }) => [name, rows.map(row => row[name]!)]))
}

function checkInputNames(given: readonly string[], tensors: readonly ServedTensor[]): void {
  const names = tensors.map(({ name }) => name)
  const fits = given.length === names.length && names.every(name => given.includes(name))
  if (!fits)
    throw new Refusal(
      400,
      `The inputs are ${names.join(', ')}; received ${
        given
          .map(name => name.slice(0, 60))
          .slice(0, 8)
          .join(', ') || 'none'
      }.`,
    )
}

/** Bytes, as TensorFlow Serving writes them in JSON. */
const isFile = (json: Json): json is { readonly b64: string } =>
  isJsonRecord(json) && Object.keys(json).length === 1 && typeof json['b64'] === 'string'

async function computed(exchange: Exchange, lease: Lease, columns: Columns): Promise<readonly Float32NdArray[]> {
  const { inputs } = lease.servable.model
  const files = filesOf(columns, inputs)
  if (files)
    return [await exchange.computePictures(lease, files.length, (each, signal) => classRowsOf(each, files, signal))]
  const rows = Object.fromEntries(inputs.map(input => [input.name, rowsOfLists(columns[input.name]!, input)]))
  const counts = Object.values(rows).map(({ shape }) => shape[0]!)
  if (counts.some(count => count !== counts[0] || count === 0))
    throw new Refusal(400, `The inputs have ${counts.join(' and ')} rows: as many each, and at least one.`)
  return exchange.compute(lease, counts[0]!, (servable, signal) => outputsOf(servable, rows, signal))
}

/** Picture files in the place of numbers. */
function filesOf(columns: Columns, inputs: readonly ServedTensor[]): Uint8Array[] | undefined {
  const [first] = inputs
  const column = columns[first!.name]
  const rows = isFile(column!) ? [column] : Array.isArray(column) ? column : []
  if (inputs.length !== 1 || rows.length === 0 || !rows.every(isFile)) return undefined
  return (rows as { readonly b64: string }[]).map(({ b64 }, index) => base64Of(b64, `Picture ${index}`))
}

/** Labels and scores of every example, the classes in their order. */
export async function classifyExamples(exchange: Exchange, { name, ...wanted }: Named): Promise<Reply> {
  const lease = exchange.lease(name, wanted)
  const { servable } = lease
  const body = recordOf(await exchange.read())
  checkSignature(body['signature_name'])
  const { examples, context } = body
  if (!Array.isArray(examples) || examples.length === 0)
    throw new Refusal(400, '"examples" has to be a list of at least one example.')
  if (context !== undefined && !(isJsonRecord(context) && Object.keys(context).length === 0))
    throw new Refusal(400, 'A context is not taken: every example has all it needs.')
  const [input, ...more] = servable.model.inputs
  if (more.length > 0 || servable.model.outputs.length > 1)
    throw new Refusal(400, 'The model has several inputs or outputs: ask it with :predict.')
  const features = examples.map((example, index) => featureOf(example, index))
  const columns = { [input!.name]: features.map(feature => reshaped(feature, input!.shape)) }
  const [output] = await computed(exchange, lease, columns)
  const [count, units] = [output!.shape[0]!, sizeOf(output!.shape.slice(1))]
  const label = (index: number): string => servable.classNames?.[index] ?? String(index)
  const results = Array.from({ length: count }, (_, row) =>
    listText(
      Array.from({ length: units }, (_, index) =>
        listText([JSON.stringify(label(index)), decimalText(output!.data[row * units + index]!)]),
      ),
    ),
  )
  // Its documentation says `result`; its server writes `results`.
  return textReply(recordText([['results', listText(results)]]))
}

function featureOf(example: Json, index: number): Json {
  const [feature, ...more] = isJsonRecord(example) ? Object.values(example) : []
  if (feature !== undefined && more.length === 0) return feature
  throw new Refusal(400, `Example ${index} has to be an object of one feature: the picture.`)
}

/** Features are flat lists of numbers; nested ones pass as they are. */
function reshaped(feature: Json, shape: readonly number[]): Json {
  if (!Array.isArray(feature) || feature.length !== sizeOf(shape) || feature.some(Array.isArray)) return feature
  return listsOf(Float32Array.from(feature as number[]), shape)
}

export function regress(): never {
  throw new Refusal(400, 'The model is a classifier: ask it with :classify or :predict.')
}

/** KServe's: where the network looked, for each picture. */
export async function explainPictures(exchange: Exchange, { name, ...wanted }: Named): Promise<Reply> {
  const lease = exchange.lease(name, wanted)
  const { instances, method } = recordOf(await exchange.read())
  if (lease.servable.explain === undefined) throw new Refusal(501, `Model ${name} is served without explanations.`)
  if (method !== undefined && method !== 'grad-cam' && method !== 'occlusion')
    throw new Refusal(400, '"method" is grad-cam or occlusion.')
  if (!Array.isArray(instances) || instances.length === 0)
    throw new Refusal(400, '"instances" has to be a list of at least one picture.')
  const pictures = instances.map((instance, index) => pictureOf(instance, index, lease.servable))
  const explanations = await exchange.computePictures(lease, pictures.length, async (servable, signal) => {
    const found = []
    for (const picture of pictures) {
      // Nobody waits for the others any more.
      signal.throwIfAborted()
      found.push(await servable.explain!(picture, method ? { method } : {}))
    }
    return found
  })
  return jsonReply({
    explanations: explanations.map(({ width, height, values, ...about }) => ({
      ...about,
      heat: listsOf(Float32Array.from(values), [height, width]),
    })),
  })
}

/** A file, or the picture's bytes in lists of rows. */
function pictureOf(instance: Json, index: number, { model }: Servable) {
  if (isFile(instance)) return base64Of(instance.b64, `Picture ${index}`)
  const { shape, data }: ServedRows = rowsOfLists([instance], model.inputs[0]!)
  if (!data.every(value => Number.isInteger(value) && value >= 0 && value < 256))
    throw new Refusal(400, `Picture ${index} holds something else than bytes, numbers from 0 to 255.`)
  const [, height = 0, width = 0, channels = 0] = shape
  return { width, height, channels, data: Uint8Array.from(data) }
}
