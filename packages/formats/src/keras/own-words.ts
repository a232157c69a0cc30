/**
 * What a model of Fovea knows and other formats have no word for, in a place of the file that other programs pass over: its own
 * configuration, how pictures become its input, the names of its classes. So Fovea reads back what it wrote.
 */
import { UserError } from 'fovea/internal/base/errors'
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import { formatShape } from 'fovea/internal/base/shape'
import { modelFromConfig } from 'fovea/internal/network/config'
import { type ModelFile, modelFileOf, type NamedWeight, writtenBy } from 'fovea/internal/store/model-file'
import type { Hdf5Group } from '../containers/hdf5-file.ts'
import type { StoredNumbers } from '../containers/stored-numbers.ts'
import { weightsOfPlace } from './keras3-weights.ts'

/** Where a format has names: what this is called. */
export const ownName = 'fovea'

/** All but the weights. */
export function ownWords({ model, preprocess, classNames, recipe }: ModelFile): JsonRecord {
  return {
    ...writtenBy,
    ...(model && { model }),
    ...(preprocess && { preprocess }),
    ...(classNames && { classNames }),
    ...(recipe && { recipe }),
  }
}

/** All but the weights; undefined where a file has no such words. Throws UserError for damaged ones. */
export function fileOfOwnWords(words: Json | undefined, source: string): Omit<ModelFile, 'weights'> | undefined {
  if (!isJsonRecord(words) || words['format'] !== writtenBy.format) return undefined
  const metadata = Object.entries(words).map(([key, value]) => {
    return [key, typeof value === 'string' ? value : JSON.stringify(value)] as const
  })
  const { weights: _, ...file } = modelFileOf({ metadata: Object.fromEntries(metadata), tensors: [] }, source)
  return file.model ? { ...file, writer: 'Fovea' } : undefined
}

/** `find` gives the weights of the layer of this name, in their order. Throws UserError where some are missing. */
export function withOwnWeights(
  file: Omit<ModelFile, 'weights'>,
  source: string,
  find: (layer: string) => readonly StoredNumbers[],
): ModelFile {
  const model = modelFromConfig(file.model)
  const names = [...new Set(model.weights.map(({ layer }) => layer))]
  const weights = names.flatMap((layer): NamedWeight[] => {
    const own = model.weights.filter(weight => weight.layer === layer)
    const found = find(layer)
    if (found.length === own.length)
      return own.map(({ name }, at) => ({ name, shape: found[at]!.shape, data: found[at]!.data }))
    throw new UserError({
      what: `${source} does not have the weights of its layer '${layer}'.`,
      expected: own.map(({ shape }) => formatShape(shape)).join(', '),
      received: found.map(({ shape }) => formatShape(shape)).join(', ') || 'none',
    })
  })
  return { ...file, weights }
}

/** What finds them in a `.weights.h5` file, whose groups know the names of their layers. */
export function inGroups(root: Hdf5Group): (layer: string) => readonly StoredNumbers[] {
  const layers = root.group('layers')
  const places = new Map<string, string>()
  for (const place of layers?.names() ?? []) {
    const [name] = layers?.group(place)?.group('vars')?.texts('name') ?? []
    if (name !== undefined) places.set(name, place)
  }
  return layer => (layers && places.has(layer) ? weightsOfPlace(layers, places.get(layer)!) : [])
}
