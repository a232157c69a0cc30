/**
 * The bytes of an ONNX file (Protocol Buffers) as records. In: the file, and those beside it that hold weights. Out: `OnnxModel`. Lengths,
 * counts and sizes are checked before memory is taken, and weights are views of the file where they can be. Source: onnx.proto (the numbers
 * of fields).
 */
import { UserError } from 'fovea/internal/base/errors'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { allowance, limitsOf } from '../containers/limits.ts'
import { MessageReader } from './message-reader.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './onnx-model.ts'
import { externalFiles, type PackedTensor, typeOf, unpacked } from './tensor-data.ts'

type Unpack = (tensor: PackedTensor) => OnnxTensor

/** Throws UserError for a damaged file, for one that is too large, and where a file with weights is missing. */
export async function decodeOnnx(file: OpenedFile): Promise<OnnxModel> {
  // Read once for the names of those files, and once with them.
  const locations: string[] = []
  decoded(file, tensor => {
    if (tensor.external) locations.push(tensor.external.get('location') ?? '')
    return noNumbers
  })
  const files = await externalFiles(locations, file)
  const { bytes } = limitsOf(file)
  const weights = allowance(file.source, bytes)
  return decoded(file, packed => {
    const tensor = unpacked(packed, files, file.source, bytes)
    weights.take(tensor.data.byteLength, 'its weights')
    return tensor
  })
}

const noNumbers: OnnxTensor = { name: '', type: 'float32', dims: [0], data: new Float32Array() }

function decoded(file: OpenedFile, unpack: Unpack): OnnxModel {
  const reader = new MessageReader(file)
  try {
    const model = modelOf(reader, unpack)
    if (model) return model
  } catch (error) {
    if (error instanceof UserError) throw error
    throw reader.damaged(`it cannot be read as Protocol Buffers (${(error as Error).message})`)
  }
  throw reader.damaged('it holds no graph')
}

function modelOf(reader: MessageReader, unpack: Unpack): OnnxModel | undefined {
  let [irVersion, producer, producerVersion] = [0, '', '']
  let graph: OnnxGraph | undefined
  const opsets: [string, number][] = []
  const metadata: [string, string][] = []
  reader.fields(field => {
    if (field === 1) irVersion = reader.whole()
    else if (field === 2) producer = reader.text()
    else if (field === 3) producerVersion = reader.text()
    else if (field === 7) graph = graphOf(reader, unpack)
    else if (field === 8) opsets.push(opsetOf(reader))
    else if (field === 14) metadata.push(pairOf(reader))
  })
  return graph && { irVersion, opsets: record(opsets), producer, producerVersion, graph, metadata: record(metadata) }
}

/** Names come from the file: none of them is one that all objects have. */
function record<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const made: Record<string, T> = Object.create(null)
  for (const [name, value] of entries) made[name] = value
  return made
}

function opsetOf(reader: MessageReader): [string, number] {
  let [domain, version] = ['', 0]
  reader.message(field => {
    if (field === 1) domain = reader.text()
    else if (field === 2) version = reader.whole()
  })
  return [domain === 'ai.onnx' ? '' : domain, version]
}

function pairOf(reader: MessageReader): [string, string] {
  let [key, value] = ['', '']
  reader.message(field => {
    if (field === 1) key = reader.text()
    else if (field === 2) value = reader.text()
  })
  return [key, value]
}

function graphOf(reader: MessageReader, unpack: Unpack): OnnxGraph {
  let name = ''
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const inputs: OnnxValue[] = []
  const outputs: OnnxValue[] = []
  reader.message(field => {
    if (field === 1) nodes.push(nodeOf(reader, unpack))
    else if (field === 2) name = reader.text()
    else if (field === 5) initializers.push(unpack(tensorOf(reader)))
    else if (field === 11) inputs.push(valueInfoOf(reader))
    else if (field === 12) outputs.push(valueInfoOf(reader))
    else if (field === 15) throw new UserError({ what: 'The model holds sparse weights, which are not read.' })
  })
  return { name, nodes, initializers, inputs, outputs }
}

function nodeOf(reader: MessageReader, unpack: Unpack): OnnxNode {
  let [op, domain, name] = ['', '', '']
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: [string, OnnxAttribute][] = []
  reader.message(field => {
    if (field === 1) inputs.push(reader.text())
    else if (field === 2) outputs.push(reader.text())
    else if (field === 3) name = reader.text()
    else if (field === 4) op = reader.text()
    else if (field === 5) attributes.push(attributeOf(reader, unpack))
    else if (field === 7) domain = reader.text()
  })
  return { op, domain: domain === 'ai.onnx' ? '' : domain, name, inputs, outputs, attributes: record(attributes) }
}

/** By the type that an attribute says it has; files of the first versions say none, and have one value. */
const kinds = ['', 'float', 'int', 'string', 'tensor', 'graph', 'floats', 'ints', 'strings'] as const

function attributeOf(reader: MessageReader, unpack: Unpack): [string, OnnxAttribute] {
  let [name, type] = ['', 0]
  const values = { float: 0, int: 0, string: '', floats: [], ints: [], strings: [] } as {
    float: number
    int: number
    string: string
    floats: number[]
    ints: number[]
    strings: string[]
  }
  let tensor: OnnxTensor | undefined
  let seen: (typeof kinds)[number] = ''
  reader.message(field => {
    if (field === 1) name = reader.text()
    else if (field === 2) [seen, values.float] = ['float', reader.float()]
    else if (field === 3) [seen, values.int] = ['int', reader.whole()]
    else if (field === 4) [seen, values.string] = ['string', reader.text()]
    else if (field === 5) {
      const packed = tensorOf(reader)
      if (typeOf(packed.dataType) !== undefined) [seen, tensor] = ['tensor', unpack(packed)]
    } else if (field === 6) seen = 'graph'
    else if (field === 7) {
      seen = 'floats'
      reader.floats(values.floats)
    } else if (field === 8) {
      seen = 'ints'
      reader.wholes(values.ints)
    } else if (field === 9) {
      seen = 'strings'
      values.strings.push(reader.text())
    } else if (field === 20) type = reader.whole()
  })
  const kind = kinds[type] || seen
  if (kind === 'tensor') return [name, tensor ? { kind, value: tensor } : { kind: 'other' }]
  if (kind === 'graph') return [name, { kind }]
  return [
    name,
    kind === '' || type >= kinds.length ? { kind: 'other' } : ({ kind, value: values[kind] } as OnnxAttribute),
  ]
}

function tensorOf(reader: MessageReader): PackedTensor {
  let [name, dataType, isExternal] = ['', 0, false]
  const dims: number[] = []
  const numbers: number[] = []
  const external: [string, string][] = []
  let raw: Uint8Array | undefined
  const typed = (width: 4 | 8): void => {
    raw = reader.tensorNumbers(width, numbers) ?? raw
  }
  reader.message(field => {
    if (field === 1) reader.wholes(dims)
    else if (field === 2) dataType = reader.whole()
    else if (field === 4) typed(4)
    else if (field === 5 || field === 7) reader.tensorWholes(numbers, true)
    else if (field === 8) name = reader.text()
    else if (field === 9) raw = reader.bytes()
    else if (field === 10) typed(8)
    else if (field === 11) reader.tensorWholes(numbers, false)
    else if (field === 13) external.push(pairOf(reader))
    else if (field === 14) isExternal = reader.whole() === 1
  })
  return { name, dataType, dims, raw, numbers, ...(isExternal && { external: new Map(external) }) }
}

function valueInfoOf(reader: MessageReader): OnnxValue {
  let name = ''
  let type: OnnxValue['type']
  let dims: (number | string | undefined)[] | undefined
  const dimension = (): void => {
    let extent: number | string | undefined
    reader.message(field => {
      if (field === 1) extent = reader.whole()
      else if (field === 2) extent = reader.text()
    })
    dims!.push(extent)
  }
  const shape = (): void => {
    dims = []
    reader.message(field => field === 1 && dimension())
  }
  const tensorType = (): void =>
    reader.message(field => {
      if (field === 1) type = typeOf(reader.whole())
      else if (field === 2) shape()
    })
  reader.message(field => {
    if (field === 1) name = reader.text()
    else if (field === 2) reader.message(kind => kind === 1 && tensorType())
  })
  return { name, type, dims }
}
