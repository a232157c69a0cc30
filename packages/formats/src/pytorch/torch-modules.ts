/**
 * Tensors as PyTorch names them, by the modules they belong to: `layer1.0.conv1.weight` is the `weight` of `layer1.0.conv1`. Counters of
 * batches are set aside: nothing is computed with them.
 */

/** A tensor of a file: its numbers are read, whatever type they had. */
export interface TorchTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

export interface TorchModule {
  /** Empty for tensors without a module. */
  readonly name: string
  /** By their own names: `weight`, `running_mean`. */
  readonly tensors: ReadonlyMap<string, TorchTensor>
}

export interface TorchModules {
  /** In the order of the file. */
  readonly modules: readonly TorchModule[]
  readonly counters: readonly string[]
}

export function torchModules(tensors: readonly TorchTensor[]): TorchModules {
  const modules = new Map<string, Map<string, TorchTensor>>()
  const counters: string[] = []
  for (const tensor of tensors) {
    const dot = tensor.name.lastIndexOf('.')
    const [module, own] = [tensor.name.slice(0, Math.max(dot, 0)), tensor.name.slice(dot + 1)]
    if (own === 'num_batches_tracked') {
      counters.push(tensor.name)
      continue
    }
    const known = modules.get(module) ?? new Map<string, TorchTensor>()
    modules.set(module, known.set(own, tensor))
  }
  return { modules: [...modules].map(([name, own]) => ({ name, tensors: own })), counters }
}
