/** Reads `.keras`: an archive of the configuration, the weights as HDF5, and who wrote them. Out: the model in it. */
import { UserError } from 'fovea/internal/base/errors'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { withHdf5 } from '../containers/hdf5-file.ts'
import { jsonRecordOf, member, textMember } from '../containers/json-text.ts'
import { type LimitedFile, limitsOf } from '../containers/limits.ts'
import { openZip } from '../containers/zip-archive.ts'
import { eraOf } from './keras-layers.ts'
import { laidOut } from './keras-network.ts'
import { kerasTree } from './keras-tree.ts'
import { findByPlace } from './keras3-weights.ts'
import { fileOfOwnWords, inGroups, ownName, withOwnWeights } from './own-words.ts'
import { withWeights } from './stored-weights.ts'

const [configName, metadataName, weightsName] = ['config.json', 'metadata.json', 'model.weights.h5']

/** Throws UserError for a damaged file, and for what Fovea does not have. */
export async function readKeras(file: LimitedFile): Promise<ModelFile> {
  const { source, limits } = file
  const most = limitsOf(file).configuration
  const archive = await openZip(file)
  const config = await archive.read(configName, most)
  const weights = await archive.read(weightsName)
  if (!config || !weights)
    throw new UserError({
      what: `${source} is not a whole model of Keras.`,
      expected: `a zip archive with ${configName} and ${weightsName}`,
      received: archive.names.slice(0, 10).join(', ') || 'an empty archive',
      fix: 'Save it anew: model.save("model.keras").',
    })
  const metadata = await archive.read(metadataName, most)
  const about = metadata && jsonRecordOf(metadata, `${source}: ${metadataName}`, most)
  const own = fileOfOwnWords(member(about, ownName), source)
  const numbers = { bytes: weights, source, limits }
  if (own) return withHdf5(numbers, root => withOwnWeights(own, source, inGroups(root)))
  const version = textMember(about, 'keras_version')
  const tree = kerasTree(jsonRecordOf(config, `${source}: ${configName}`, most), source)
  const network = laidOut(tree, source, eraOf(version ?? '3'))
  const model = await withHdf5(numbers, root => withWeights(network, source, findByPlace(root)))
  return { ...model, ...(version !== undefined && { writer: `Keras ${version}` }) }
}
