/**
 * Reads what Keras keeps in HDF5: a whole model (`.h5` of Keras 1 and 2), or weights alone, of Keras 3 (`.weights.h5`) or older. A model
 * that Teachable Machine exported lies beside its labels.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { type Hdf5Group, withHdf5 } from '../containers/hdf5-file.ts'
import { jsonRecordIn } from '../containers/json-text.ts'
import { eraOf } from './keras-layers.ts'
import { laidOut } from './keras-network.ts'
import { kerasTree } from './keras-tree.ts'
import { findByName, hasLayerNames } from './keras2-weights.ts'
import { hasPlaces } from './keras3-weights.ts'
import { fileOfOwnWords, inGroups, ownName, withOwnWeights } from './own-words.ts'
import { withWeights } from './stored-weights.ts'
import { labelledByTeachableMachine } from './teachable-export.ts'
import { legacyWeightsAlone, placedWeightsAlone } from './weights-alone.ts'

/** Throws UserError for a damaged file, for one of other programs, and for what Fovea does not have. */
export async function readHdf5(opened: OpenedFile): Promise<ModelFile> {
  const file = await withHdf5(opened, root => modelIn(root, opened.source))
  return file.model ? labelledByTeachableMachine(file, opened.beside) : file
}

/** For a model that is built in code: by the names of its layers where they are the file's, else by their places. */
function ofEitherName(file: ModelFile, alone: ModelFile): ModelFile {
  const names = new Set(file.weights.map(({ name }) => name))
  return {
    ...file,
    weightsFor(layers) {
      const wanted = layers.flatMap(({ weights }) => weights)
      const isNamedAlike = wanted.length === names.size && wanted.every(({ name }) => names.has(name))
      return isNamedAlike ? file.weights : alone.weightsFor!(layers)
    },
  }
}

function modelIn(root: Hdf5Group, source: string): ModelFile {
  const config = root.texts('model_config')?.[0]
  const weights = root.group('model_weights')
  if (config !== undefined && weights) {
    const version = root.texts('keras_version')?.[0] ?? weights.texts('keras_version')?.[0] ?? '1'
    const tree = kerasTree(jsonRecordIn(config, `${source}: model_config`), source)
    return {
      ...withWeights(laidOut(tree, source, eraOf(version)), source, findByName(weights)),
      writer: `Keras ${version}`,
    }
  }
  if (hasPlaces(root)) {
    const words = root.texts(ownName)?.[0]
    const own = words === undefined ? undefined : fileOfOwnWords(jsonRecordIn(words, `${source}: ${ownName}`), source)
    const alone = placedWeightsAlone(root, source)
    return own ? ofEitherName(withOwnWeights(own, source, inGroups(root)), alone) : alone
  }
  const legacy = weights && hasLayerNames(weights) ? weights : root
  if (hasLayerNames(legacy)) return legacyWeightsAlone(legacy, source)
  throw new UserError({
    what: `${source} is an HDF5 file, but none of Keras.`,
    expected: 'a model (model_config, model_weights), or its weights (layers, or layer_names)',
    received: root.names().slice(0, 10).join(', ') || 'an empty file',
  })
}
