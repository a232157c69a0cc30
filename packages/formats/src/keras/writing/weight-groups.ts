/**
 * The weights of a model as the groups of a `.weights.h5` file of Keras 3: `layers/conv2d_1/vars/0`, each layer under its class in snake
 * case, counted in Keras's order, whatever it is called; `optimizer/vars/0` and so on beside them.
 */
import { freeName, snakeCase } from 'fovea/internal/network/naming'
import type { WrittenGroup, WrittenNumbers } from '../../containers/hdf5-writer.ts'
import type { SaidNetwork } from './said-network.ts'

/** `optimizer` is called so, and its variables are in Keras's order. */
export interface OptimizerVariables {
  readonly name: string
  readonly variables: readonly WrittenNumbers[]
}

export function weightGroups(
  { name, kind, inputs, layers }: SaidNetwork,
  optimizer: OptimizerVariables | undefined,
): WrittenGroup {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  const groups: Record<string, WrittenGroup> = {}
  const add = (className: string, called: string, weights: readonly WrittenNumbers[]): void => {
    groups[freeName(snakeCase(className), taken, counts)] = variables(called, weights)
  }
  // The input of a sequential model is none of its layers.
  if (kind === 'functional') for (const input of inputs) add('InputLayer', input.name, [])
  for (const layer of layers) add(layer.className, layer.name, layer.weights)
  return {
    groups: {
      layers: { groups },
      ...(optimizer && { optimizer: variables(optimizer.name, optimizer.variables) }),
      ...variables(name, []).groups,
    },
  }
}

const variables = (name: string, values: readonly WrittenNumbers[]): WrittenGroup => ({
  groups: { vars: { attributes: { name }, numbers: Object.fromEntries(values.entries()) } },
})
