/**
 * The weights of a laid-out network, taken from a file that keeps them in its own way. In: the network's configuration, and what finds the
 * numbers of a layer. Out: weights as Fovea's model names them. Everything that is missing or of another shape is told at once.
 */
import { type Problem, UserError } from 'fovea/internal/base/errors'
import type { JsonRecord } from 'fovea/internal/base/json'
import { formatShape, sameShape } from 'fovea/internal/base/shape'
import { modelFromConfig } from 'fovea/internal/network/config'
import { snakeCase } from 'fovea/internal/network/naming'
import type { ModelConfig } from 'fovea/internal/network/saved-config'
import type { ModelFile, NamedWeight } from 'fovea/internal/store/model-file'
import type { StoredNumbers } from '../containers/stored-numbers.ts'
import type { KerasLeaf, LaidOutNetwork } from './keras-network.ts'

/** A weight that a layer of the model has. */
export interface WantedWeight {
  /** In Keras's words, as files name it, the usual one first: `depthwise_kernel`. */
  readonly kerasNames: readonly string[]
  readonly shape: readonly number[]
}

/**
 * The numbers of each of the layer's weights, in this order; undefined where the file has none. More of them than were asked for are weights
 * that the layer does not have.
 */
export type FindWeights = (leaf: KerasLeaf, wanted: readonly WantedWeight[]) => readonly (StoredNumbers | undefined)[]

/** Throws UserError that lists every weight which is missing or does not fit. */
export function withWeights({ config, leaves, notes }: LaidOutNetwork, source: string, find: FindWeights): ModelFile {
  const model = modelFromConfig(config)
  const problems: Problem[] = []
  const weights: NamedWeight[] = []
  const layers = [...config.layers]
  for (const [at, leaf] of leaves.entries()) {
    const title = `${leaf.className} "${leaf.path.join('/')}"`
    if (leaf.className === 'Normalization') {
      const learned = find(leaf, learnedNumbers)
      const options = normalizationOf(layers[at]!.config, learned)
      layers[at] = { ...layers[at]!, config: options as (typeof layers)[number]['config'] }
      continue
    }
    const own = model.weights.filter(({ layer }) => layer === leaf.name)
    if (own.length === 0) continue
    const wanted = own.map(({ name, shape }) => ({
      kerasNames: kerasNamesOf(leaf.className, name.slice(leaf.name.length + 1)),
      shape,
    }))
    const found = find(leaf, wanted)
    for (const [index, { name, shape }] of own.entries()) {
      const stored = found[index]
      const called = `${wanted[index]!.kerasNames[0]} ${formatShape(shape)} of ${title}`
      if (!stored) problems.push({ what: `${source} has no ${called}.` })
      else if (!sameShape(stored.shape, shape))
        problems.push({ what: `${source} has another ${called}.`, received: formatShape(stored.shape) })
      else weights.push({ name, shape, data: stored.data })
    }
    if (found.length > own.length && !hasMore(leaf))
      problems.push({ what: `${source} has ${found.length} weights of ${title}, which has ${own.length}.` })
  }
  if (problems.length > 0) throw new UserError(problems)
  const complete: ModelConfig = { ...config, layers }
  return { weights, model: complete as unknown as JsonRecord, ...(notes.length > 0 && { notes }) }
}

/** Batch renormalization keeps statistics that only training uses. */
const hasMore = ({ className }: KerasLeaf): boolean => className.startsWith('BatchNormalization')

/** Keras 3 calls the kernel of a depthwise convolution by the plain word. */
const kerasNamesOf = (className: string, name: string): readonly string[] =>
  className === 'DepthwiseConv2D' && name === 'kernel' ? ['depthwise_kernel', 'kernel'] : [snakeCase(name)]

/** What `adapt` learned, which Fovea has in the configuration; some files keep how many numbers it was learned of. */
const learnedNumbers: readonly WantedWeight[] = ['mean', 'variance'].map(name => ({ kerasNames: [name], shape: [] }))

function normalizationOf(config: JsonRecord, [mean, variance]: readonly (StoredNumbers | undefined)[]): JsonRecord {
  return mean && variance ? { ...config, mean: [...mean.data], variance: [...variance.data] } : config
}
