/**
 * Reads layers models of TensorFlow.js: `model.json` with the network in Keras's words, and weights in files beside it. In: the opened file.
 * Out: the model, with what Teachable Machine's `metadata.json` says of its pictures. Graph models are refused: they hold operations of
 * TensorFlow and no layers.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { JsonRecord } from 'fovea/internal/base/json'
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { jsonRecordOf, member, recordMember, textMember } from '../containers/json-text.ts'
import { damaged, limitsOf } from '../containers/limits.ts'
import { eraOf } from '../keras/keras-layers.ts'
import { laidOut } from '../keras/keras-network.ts'
import { kerasTree } from '../keras/keras-tree.ts'
import { named } from '../keras/keras2-weights.ts'
import { fileOfOwnWords, withOwnWeights } from '../keras/own-words.ts'
import { withWeights } from '../keras/stored-weights.ts'
import { manifestWeights } from './manifest-weights.ts'
import { taughtByTeachableMachine } from './teachable-metadata.ts'

/** Throws UserError for a damaged model, missing files, and for what Fovea does not have. */
export async function readTensorflowjs(file: OpenedFile): Promise<ModelFile> {
  const { bytes, source } = file
  const json = jsonRecordOf(bytes, source, limitsOf(file).configuration)
  const topology = recordMember(json, 'modelTopology')
  if (textMember(json, 'format') === 'graph-model' || recordMember(topology, 'versions')) throw graphModel(source)
  if (!topology) throw damaged(source, 'a file of weights without a network (modelTopology)')
  const weights = await manifestWeights(json, file)
  const own = fileOfOwnWords(member(json, 'userDefinedMetadata'), source)
  if (own) {
    const ofLayer = (layer: string) => weights.filter(({ name }) => name.startsWith(`${layer}/`))
    return withOwnWeights(own, source, layer => ofLayer(layer).map(weight => weight.read()))
  }
  const network = networkOf(topology, source)
  const model = withWeights(network, source, (leaf, wanted) => wanted.map(each => named(weights, leaf, each)?.read()))
  const writer = writersOf(json, topology)
  return taughtByTeachableMachine({ ...model, ...(writer !== '' && { writer }) }, file)
}

/** Who made the network, and who wrote it for TensorFlow.js. */
const writersOf = (json: JsonRecord, topology: JsonRecord): string =>
  [textMember(json, 'generatedBy') ?? textMember(topology, 'keras_version'), textMember(json, 'convertedBy')]
    .filter(name => name !== undefined)
    .join(', ')

function networkOf(topology: JsonRecord, source: string) {
  const model = recordMember(topology, 'model_config') ?? topology
  return laidOut(kerasTree(model, source), source, eraOf(textMember(topology, 'keras_version') ?? '2'))
}

const graphModel = (source: string): UserError =>
  new UserError({
    what: `${source} is a graph model of TensorFlow.js: it holds operations of TensorFlow, not the layers of a network.`,
    expected:
      'a layers model, as model.save of TensorFlow.js and tensorflowjs_converter --output_format=tfjs_layers_model write it',
    fix: 'Take the model that it was converted from: a .keras or .h5 file of Keras, or a layers model.',
  })
