/**
 * Which module of a file belongs to which layer of a model: as the caller says, else by names that agree, else in order. All places are tried
 * in one way, so that nothing is half guessed. In: places and modules. Out: pairs, and every mismatch.
 */
import { nearest, type Problem, UserError } from 'fovea/internal/base/errors'
import { formatShape } from 'fovea/internal/base/shape'
import type { TorchModule } from './torch-modules.ts'
import { suits, type TorchPlace } from './torch-places.ts'

/** Modules by the names of layers, or all of them in the order of the network. */
export type TorchNames = Readonly<Record<string, string>> | readonly string[]

const isList = (names: TorchNames): names is readonly string[] => Array.isArray(names)

export type Pairs = ReadonlyMap<TorchPlace, TorchModule>

/** How modules were found: `names` that agree, or `order`. */
export interface Pairing {
  readonly pairs: Pairs
  readonly by: 'names' | 'order'
}

/** Throws UserError for names that neither side has. */
export function paired(places: readonly TorchPlace[], modules: readonly TorchModule[], names: TorchNames): Pairing {
  if (isList(names)) {
    const listed = new Map(places.flatMap((place, at) => (names[at] === undefined ? [] : [[place.name, names[at]]])))
    return { pairs: toldPairs(places, modules, Object.fromEntries(listed)), by: 'order' }
  }
  const told = toldPairs(places, modules, names)
  const openPlaces = places.filter(place => !told.has(place))
  const openModules = modules.filter(module => ![...told.values()].includes(module))
  const agreeing = agreeingPairs(openPlaces, openModules)
  if (agreeing) return { pairs: new Map([...told, ...agreeing]), by: 'names' }
  const inOrder = openPlaces.flatMap((place, at) => (openModules[at] ? [[place, openModules[at]] as const] : []))
  return { pairs: new Map([...told, ...inOrder]), by: 'order' }
}

function toldPairs(
  places: readonly TorchPlace[],
  modules: readonly TorchModule[],
  names: Readonly<Record<string, string>>,
): Map<TorchPlace, TorchModule> {
  const problems: Problem[] = []
  const result = new Map<TorchPlace, TorchModule>()
  for (const [layer, name] of Object.entries(names)) {
    const place = found('The model has no layer with weights', layer, places)
    const module = found('The file has no module', name, modules)
    if (module && [...result.values()].includes(module))
      problems.push({ what: `Module '${name}' is said to be two layers.` })
    else if (place && module) result.set(place, module)
  }
  function found<T extends { readonly name: string }>(what: string, name: string, all: readonly T[]): T | undefined {
    const one = all.find(each => each.name === name)
    if (one) return one
    const known = all.map(each => each.name)
    const guess = nearest(name, known)
    problems.push({
      what: `${what} '${name}'.`,
      expected: `one of ${known.join(', ')}`,
      ...(guess !== undefined && { fix: `Did you mean '${guess}'?` }),
    })
    return undefined
  }
  if (problems.length > 0) throw new UserError(problems)
  return result
}

/** `Layer1.0_conv1` and `layer1/0/conv1` are one name. */
const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_')

/** Every layer has a module of its name; what stands before all modules (`module.`, `model.`) may be missing in the model. */
function agreeingPairs(
  places: readonly TorchPlace[],
  modules: readonly TorchModule[],
): Map<TorchPlace, TorchModule> | undefined {
  const first = modules[0]?.name.split('.')[0]
  const isCommon = modules.every(({ name }) => name.startsWith(`${first}.`))
  for (const prefix of ['', ...(isCommon ? [`${first}.`] : [])]) {
    const byName = new Map(modules.map(module => [bare(module.name.slice(prefix.length)), module]))
    const pairs = places.map(place => [place, byName.get(bare(place.name))] as const)
    const all = pairs.every((pair): pair is [TorchPlace, TorchModule] => pair[1] !== undefined)
    if (all && byName.size === modules.length) return new Map(pairs as readonly (readonly [TorchPlace, TorchModule])[])
  }
  return undefined
}

/** All that does not fit: weights without a tensor, tensors of another shape, tensors that nothing takes. */
export function mismatches(places: readonly TorchPlace[], modules: readonly TorchModule[], pairs: Pairs): Problem[] {
  const problems: Problem[] = []
  for (const place of places) {
    const module = pairs.get(place)
    for (const weight of place.weights) {
      const tensor = module?.tensors.get(weight.own)
      if (tensor && suits(weight, tensor)) continue
      problems.push({
        what: `${weight.name} has no tensor that fits.`,
        expected: `${module ? `${module.name}.` : ''}${weight.own} ${formatShape(weight.from)}`,
        received: tensor
          ? `${tensor.name} ${formatShape(tensor.shape)}`
          : module
            ? 'no such tensor'
            : 'no module that is left',
      })
    }
  }
  const takers = new Map([...pairs].map(([place, module]) => [module, place]))
  for (const module of modules) {
    const taken = takers.get(module)?.weights.map(({ own }) => own) ?? []
    for (const [own, { name, shape }] of module.tensors) {
      if (!taken.includes(own))
        problems.push({ what: `${name} ${formatShape(shape)} belongs to no weight of the model.` })
    }
  }
  return problems
}
