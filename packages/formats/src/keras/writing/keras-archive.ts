/**
 * A `.keras` archive, as Keras 3 writes it: config.json with layers and compile configuration, model.weights.h5 with weights and the
 * optimizer's variables, metadata.json, where Fovea's own words lie too (Keras reads no more of it than the program does that made the file).
 */
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { WrittenModel } from 'fovea/internal/store/model-formats'
import { hdf5Of } from '../../containers/hdf5-writer.ts'
import { zipOf } from '../../containers/zip-writer.ts'
import { ownName, ownWords } from '../own-words.ts'
import { kerasConfig } from './keras-config.ts'
import { kerasDialect } from './keras-dialect.ts'
import { kerasTraining } from './keras-training.ts'
import { saidNetwork } from './said-network.ts'
import { weightGroups } from './weight-groups.ts'

/** The version whose files these are like. */
const kerasVersion = '3.15.1'

/** Throws UserError for what Keras does not have. */
export async function kerasArchive(file: ModelFile, path: string): Promise<WrittenModel> {
  const network = await saidNetwork(file, kerasDialect, path)
  const { compileConfig, optimizer, notes } = kerasTraining(file.training, network)
  const config = { ...kerasConfig(network), ...(compileConfig && { compile_config: compileConfig }) }
  const members = {
    'metadata.json': text({ keras_version: kerasVersion, [ownName]: ownWords(file) }),
    'config.json': text(config),
    'model.weights.h5': await hdf5Of(weightGroups(network, optimizer)),
  }
  return { bytes: await zipOf(members), notes: [...network.notes, ...notes] }
}

/** A `.weights.h5` file; Fovea's own words are an attribute of its root. */
export async function kerasWeightsFile(file: ModelFile, path: string): Promise<WrittenModel> {
  const network = await saidNetwork(file, kerasDialect, path)
  const { optimizer, notes } = kerasTraining(file.training, network)
  const attributes = { [ownName]: JSON.stringify(ownWords(file)) }
  return {
    bytes: await hdf5Of({ ...weightGroups(network, optimizer), attributes }),
    notes: [...network.notes, ...notes],
  }
}

/** Keras's optimizers refuse some numbers that are written without a point. */
const text = (json: object): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(json).replace(/("(learning_rate|momentum)":\d+)(?=[,}])/g, '$1.0'))
