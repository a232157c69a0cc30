/**
 * The Open Inference Protocol, version 2 over HTTP, as KServe and Triton speak it, with Triton's extensions for binary tensors, classes and
 * the list of models. Sources: KServe, Open Inference Protocol; Triton, protocol extensions.
 */
import type { Float32NdArray } from 'fovea'
import { isJsonRecord, type Json } from 'fovea/internal/base/json'
import { sizeOf } from 'fovea/internal/base/shape'
import { jsonReply } from '../answers.ts'
import { recordOf } from '../body.ts'
import { type Named, Refusal, type Reply, type Servable, type ServedRows, type ServedTensor } from '../contract.ts'
import type { Exchange } from '../exchange.ts'
import { unknownModel } from '../fixed-catalogue.ts'
import { classRowsOf, outputsOf, shortNumber } from '../rows.ts'
import { bytesOfTexts, filesOfTensor, type GivenTensor, rowsOfTensor } from './tensors.ts'

export const serverMetadata = (version: string): Reply =>
  jsonReply({
    name: 'fovea',
    version,
    extensions: ['classification', 'binary_tensor_data', 'model_repository(index)', 'model_configuration'],
  })

export const live = (): Reply => jsonReply({ live: true })

export function ready({ catalogue }: Exchange, isEnding: boolean): Reply {
  const isReady = !isEnding && catalogue.isReady()
  return jsonReply({ ready: isReady }, isReady ? 200 : 503)
}

const tensor = ({ name, shape }: ServedTensor) => ({ name, datatype: 'FP32', shape: [-1, ...shape] })

export function metadata(exchange: Exchange, { name, ...wanted }: Named): Reply {
  const { servable } = exchange.lease(name, wanted)
  const versions = exchange.catalogue.versions(name)!.filter(({ state }) => state === 'AVAILABLE')
  const { inputs, outputs } = servable.model
  return jsonReply({
    name,
    versions: versions.map(({ version }) => version).reverse(),
    platform: 'fovea',
    inputs: inputs.map(tensor),
    outputs: outputs.map(tensor),
  })
}

export function configuration(exchange: Exchange, { name, ...wanted }: Named): Reply {
  const { inputs, outputs } = exchange.lease(name, wanted).servable.model
  const described = ({ name: each, shape }: ServedTensor) => ({ name: each, data_type: 'TYPE_FP32', dims: shape })
  return jsonReply({
    name,
    platform: 'fovea',
    max_batch_size: 65_536,
    input: inputs.map(described),
    output: outputs.map(described),
  })
}

export function modelReady({ catalogue }: Exchange, { name, version }: Named): Reply {
  const versions = catalogue.versions(name)
  if (versions === undefined) throw unknownModel(name, catalogue.names())
  const asked = versions.filter(each => version === undefined || each.version === version)
  const isReady = asked.some(({ state }) => state === 'AVAILABLE')
  return jsonReply({ name, ready: isReady }, isReady ? 200 : asked.length === 0 ? 404 : 503)
}

export function repositoryIndex({ catalogue }: Exchange): Reply {
  return jsonReply(
    catalogue.names().flatMap(name =>
      catalogue.versions(name)!.map(({ version, state, error }) => ({
        name,
        version,
        state: state === 'AVAILABLE' ? 'READY' : state === 'END' ? 'UNAVAILABLE' : state,
        reason: error ?? '',
      })),
    ),
  )
}

export async function infer(exchange: Exchange, { name, ...wanted }: Named): Promise<Reply> {
  const lease = exchange.lease(name, wanted)
  const { servable } = lease
  const { head, rest } = parted(await exchange.read(), exchange.question.header('inference-header-content-length'))
  const asked = outputsAsked(head ?? raw, servable.model.outputs)
  const given = head ? tensorsOf(head['inputs'], rest) : [tensorOfNumbers(rest, servable.model.inputs)]
  const files = given.length === 1 && given[0]!.datatype === 'BYTES' ? filesOfTensor(given[0]!) : undefined
  let outputs: readonly Float32NdArray[]
  if (files) {
    if (servable.model.inputs.length > 1)
      throw new Refusal(400, 'The model takes several inputs, and no picture files.')
    outputs = [await exchange.computePictures(lease, files.length, (each, signal) => classRowsOf(each, files, signal))]
  } else {
    const inputs = inputsOf(given, servable.model.inputs)
    const count = Object.values(inputs)[0]!.shape[0]!
    outputs = await exchange.compute(lease, count, (each, signal) => outputsOf(each, inputs, signal))
  }
  const id = head?.['id']
  const about = { model_name: name, model_version: lease.version, ...(typeof id === 'string' && { id }) }
  const written = asked.map(each => writtenOutput(each, outputs[each.place]!, servable))
  return answerOf(about, written)
}

/** The JSON of a request, if it has any, and the bytes behind it. */
function parted(body: Uint8Array, header: string | null) {
  if (header === null) return { head: recordOf(body), rest: new Uint8Array() }
  const length = Number(header)
  if (!/^\d+$/.test(header) || length > body.length)
    throw new Refusal(400, `Inference-Header-Content-Length is no length of a part of ${body.length} bytes.`)
  return { head: length === 0 ? undefined : recordOf(body.subarray(0, length)), rest: body.subarray(length) }
}

/** What a raw request asks for: a body that is nothing but the numbers of the one input is answered with bytes too. */
const raw = { parameters: { binary_data_output: true } }

function tensorOfNumbers(bytes: Uint8Array, tensors: readonly ServedTensor[]): GivenTensor {
  const [input, ...more] = tensors
  if (more.length > 0) throw new Refusal(400, 'The model takes several inputs: name them in JSON before the bytes.')
  const { name, shape } = input!
  const row = 4 * sizeOf(shape)
  if (bytes.length === 0 || bytes.length % row !== 0)
    throw new Refusal(400, `The body has ${bytes.length} bytes; a row of ${name} has ${row}, as FP32.`)
  return { name, datatype: 'FP32', shape: [bytes.length / row, ...shape], bytes }
}

function tensorsOf(json: Json | undefined, rest: Uint8Array): GivenTensor[] {
  if (!Array.isArray(json) || json.length === 0) throw new Refusal(400, '"inputs" has to be a list of tensors.')
  let at = 0
  const tensors = json.map((each, index): GivenTensor => {
    const { name, datatype, shape, data, parameters } = isJsonRecord(each) ? each : {}
    const isShape =
      Array.isArray(shape) && shape.length <= 8 && shape.every(size => Number.isInteger(size) && (size as number) >= 0)
    if (typeof name !== 'string' || typeof datatype !== 'string' || !isShape)
      throw new Refusal(400, `inputs[${index}] has to have name, datatype and shape.`)
    const about = { name: name.slice(0, 200), datatype, shape: shape as number[] }
    const size = isJsonRecord(parameters) ? parameters['binary_data_size'] : undefined
    if (size === undefined) return { ...about, ...(data !== undefined && { data }) }
    if (!Number.isInteger(size) || (size as number) < 0 || at + (size as number) > rest.length)
      throw new Refusal(
        400,
        `inputs[${index}] has ${String(size).slice(0, 20)} bytes, and ${rest.length - at} are left.`,
      )
    const bytes = rest.subarray(at, at + (size as number))
    at += size as number
    return { ...about, bytes }
  })
  if (at < rest.length) throw new Refusal(400, `${rest.length - at} bytes behind the JSON are of no input.`)
  return tensors
}

function inputsOf(
  given: readonly GivenTensor[],
  tensors: readonly ServedTensor[],
): Readonly<Record<string, ServedRows>> {
  const names = given.map(({ name }) => name)
  const places = tensors.map(input => given.find(({ name }) => name === input.name))
  const [only] = given
  // Whatever a client calls the one input of a model, there is no other.
  const found = tensors.length === 1 && given.length === 1 ? [only] : places
  if (given.length !== tensors.length || found.includes(undefined))
    throw new Refusal(
      400,
      `The inputs are ${tensors.map(({ name }) => name).join(', ')}; received ${names.slice(0, 8).join(', ')}.`,
    )
  const rows = tensors.map((input, index) => [input.name, rowsOfTensor(found[index]!, input)] as const)
  const counts = new Set(rows.map(([, { shape }]) => shape[0]))
  if (counts.size > 1) throw new Refusal(400, `The inputs have ${[...counts].join(' and ')} rows: as many each.`)
  return Object.fromEntries(rows)
}

interface AskedOutput {
  readonly name: string
  /** Among the model's. */
  readonly place: number
  readonly isBinary: boolean
  /** Only the classes of the largest values, and how many. */
  readonly classification?: number
}

function outputsAsked(head: Readonly<Record<string, Json>>, tensors: readonly ServedTensor[]): AskedOutput[] {
  const { outputs, parameters } = head
  const all = isJsonRecord(parameters) && parameters['binary_data_output'] === true
  if (outputs === undefined) return tensors.map(({ name }, place) => ({ name, place, isBinary: all }))
  if (!Array.isArray(outputs) || outputs.length === 0) throw new Refusal(400, '"outputs" has to be a list of outputs.')
  return outputs.map(each => {
    const { name, parameters: own } = isJsonRecord(each) ? each : {}
    const place = tensors.findIndex(tensor => tensor.name === name)
    if (place < 0)
      throw new Refusal(
        400,
        `The outputs are ${tensors.map(tensor => tensor.name).join(', ')}; received ${String(name).slice(0, 60)}.`,
      )
    const { binary_data: binary, classification } = isJsonRecord(own) ? own : {}
    if (classification !== undefined && !(Number.isInteger(classification) && (classification as number) >= 1))
      throw new Refusal(400, '"classification" has to be a whole number from 1.')
    return {
      name: tensors[place]!.name,
      place,
      isBinary: binary === undefined ? all : binary === true,
      ...(classification !== undefined && { classification: classification as number }),
    }
  })
}

interface WrittenOutput {
  readonly name: string
  readonly datatype: 'FP32' | 'BYTES'
  readonly shape: readonly number[]
  readonly data?: readonly Json[]
  readonly bytes?: Uint8Array<ArrayBuffer>
}

function writtenOutput(asked: AskedOutput, { shape, data }: Float32NdArray, servable: Servable): WrittenOutput {
  const { name, isBinary, classification } = asked
  if (classification !== undefined) {
    const texts = strongest(data, shape, classification, servable.classNames)
    const count = texts.length / shape[0]!
    const about = { name, datatype: 'BYTES', shape: [shape[0]!, count] } as const
    return isBinary ? { ...about, bytes: bytesOfTexts(texts) } : { ...about, data: texts }
  }
  const about = { name, datatype: 'FP32', shape } as const
  if (!isBinary) return { ...about, data: Array.from(data, shortNumber) }
  return {
    ...about,
    bytes: new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer),
  }
}

/** `0.993000:3:cat`, as Triton writes it: value, number and label of the classes with the largest values. */
function strongest(
  data: Float32Array,
  shape: readonly number[],
  most: number,
  names: readonly string[] | undefined,
): string[] {
  const units = data.length / shape[0]!
  return Array.from({ length: shape[0]! }, (_, row) => {
    const values = [...data.subarray(row * units, (row + 1) * units)].map((value, index) => ({ value, index }))
    const first = values.sort((a, b) => b.value - a.value).slice(0, most)
    return first.map(({ value, index }) => `${value.toFixed(6)}:${index}${names ? `:${names[index] ?? ''}` : ''}`)
  }).flat()
}

function answerOf(about: object, outputs: readonly WrittenOutput[]): Reply {
  const described = outputs.map(({ bytes, ...output }) =>
    bytes ? { ...output, parameters: { binary_data_size: bytes.length } } : output,
  )
  const binary = outputs.flatMap(({ bytes }) => (bytes ? [bytes] : []))
  const head = { ...about, outputs: described }
  if (binary.length === 0) return jsonReply(head)
  const text = new TextEncoder().encode(JSON.stringify(head))
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(text.length) },
    body: [text, ...binary],
  }
}
