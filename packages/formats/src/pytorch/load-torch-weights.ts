/**
 * Weights that PyTorch or timm wrote as safetensors, in a model that was built in code. In: a classifier and a file. Out: the classifier with
 * these weights, and what became of which tensor.
 */
import type { Classifier, StoredTensor } from 'fovea'
import { checkArguments, fits, pathOrBytes, shaped } from 'fovea/internal/base/arguments'
import { type Problem, UserError } from 'fovea/internal/base/errors'
import { list, optional, parse, record, type Schema, text, that } from 'fovea/internal/base/schema'
import { decodeSafetensors } from 'fovea/internal/store/tensor-file'
import { torchModules } from './torch-modules.ts'
import { mismatches, paired, type TorchNames } from './torch-pairs.ts'
import { torchPlaces, translated } from './torch-places.ts'

/** What `loadTorchWeights` is told. */
export interface TorchOptions {
  /**
   * Modules of the file by the names of layers: `{conv2d: 'features.0', dense: 'classifier'}`; the others are found by themselves. Or all modules
   * in the order of the network, which PyTorch says: `[n for n, m in model.named_modules() if list(m.parameters(False))]`.
   */
  readonly names?: TorchNames | undefined
  /** Layers of the model that keep their weights, and modules of the file that are not wanted: `['dense', 'fc']`. */
  readonly leaveOut?: readonly string[] | undefined
}

/** What `loadTorchWeights` did. */
export interface TorchReport {
  /** The tensor that each weight was made of. */
  readonly tensors: Readonly<Record<string, string>>
  /** Whether layers and modules were found by their names or in their order, apart from those that were told. */
  readonly by: 'names' | 'order'
  /** Tensors that nothing is computed with (`num_batches_tracked`), and those of modules that were left out. */
  readonly passedOver: readonly string[]
}

/** A model of any outputs. */
export type Weighted = Pick<Classifier<unknown>, 'model' | 'getWeights' | 'setWeights'>

const namesField: Schema<TorchNames> = that(
  "modules by layers, {conv2d: 'features.0'}, or all of them in the order of the network",
  value => typeof value === 'object' && value !== null && Object.values(value).every(name => typeof name === 'string'),
)
const fields = {
  names: optional(namesField, {}),
  leaveOut: optional(list(text, 'names of layers and modules'), []),
}

const weighted = shaped<Weighted>('a classifier', 'getWeights', 'setWeights')
const isTensor = (value: unknown): boolean => {
  const { name, shape, data } = Object(value) as Readonly<Record<string, unknown>>
  return typeof name === 'string' && Array.isArray(shape) && ArrayBuffer.isView(data)
}
const sourceField: Schema<unknown> = that(
  'a path, bytes (a Uint8Array), or tensors {name, shape, data}',
  value => fits(pathOrBytes, value) || (Array.isArray(value) && value.length > 0 && value.every(isTensor)),
)

export async function loadTorchInto(
  classifier: Weighted,
  source: string | Uint8Array | readonly StoredTensor[],
  options: TorchOptions,
): Promise<TorchReport> {
  const { names, leaveOut } = parse(record(fields), options, 'loadTorchWeights')
  checkArguments('loadTorchWeights', { classifier: weighted, source: sourceField }, { classifier, source })
  const tensors = typeof source === 'string' || ArrayBuffer.isView(source) ? await tensorsOf(source) : source
  const { modules, counters } = torchModules(tensors)
  const places = torchPlaces(classifier.model)
  const isLeft = ({ name }: { readonly name: string }): boolean => leaveOut.some(left => isIn(name, left))
  const missing = leaveOut.filter(left => ![...places, ...modules].some(({ name }) => isIn(name, left)))
  if (missing.length > 0) {
    throw new UserError({ what: `Neither the model nor the file has what is left out: ${missing.join(', ')}.` })
  }
  const [wantedPlaces, wantedModules] = [places.filter(each => !isLeft(each)), modules.filter(each => !isLeft(each))]
  const { pairs, by } = paired(wantedPlaces, wantedModules, names)
  const problems = mismatches(wantedPlaces, wantedModules, pairs)
  if (problems.length > 0) throw new UserError([misfit(by), ...problems])
  const used: Record<string, string> = {}
  const loaded = new Map(
    [...pairs].flatMap(([place, module]) =>
      place.weights.map(weight => {
        const tensor = module.tensors.get(weight.own)!
        used[weight.name] = tensor.name
        return [weight.name, translated(weight, tensor)] as const
      }),
    ),
  )
  const all = (await classifier.getWeights()).map(weight => loaded.get(weight.name) ?? weight)
  await classifier.setWeights(all)
  const left = modules.filter(isLeft).flatMap(module => [...module.tensors.values()].map(({ name }) => name))
  return { tensors: used, by, passedOver: [...counters, ...left] }
}

/** `classifier.1` is in `classifier`. */
const isIn = (name: string, left: string): boolean =>
  name === left || name.startsWith(`${left}.`) || name.startsWith(`${left}/`)

/** Of a path the file is read where there are files. */
async function tensorsOf(source: string | Uint8Array): Promise<readonly StoredTensor[]> {
  if (typeof source !== 'string') return decodeSafetensors(source, 'the weights').tensors
  const { nodeFiles } = await import('fovea')
  if (nodeFiles) return decodeSafetensors(await nodeFiles.read(source), source).tensors
  throw new UserError({
    what: `${source} cannot be reached: there are no files here`,
    expected: 'bytes',
    fix: 'fetch them and give a Uint8Array',
  })
}

const misfit = (by: TorchReport['by']): Problem => ({
  what:
    by === 'order'
      ? 'The tensors of the file do not fit the model: its layers and the modules of the file, whose names differ, were taken in their order.'
      : 'The tensors of the file do not fit the model.',
  fix: "Call the layers as the modules are called (layer1_0_conv1 for layer1.0.conv1), or say which is which: loadTorchWeights(model, source, {names: {conv2d: 'features.0'}}). Some can be left out: {leaveOut: ['fc']}.",
})
