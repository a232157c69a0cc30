/** Layers, activations and regularizers against values recorded from Keras 3's own tests. */
import { describe, expect, test } from 'vitest'
import type { Shape } from '../../src/base/shape.ts'
import { activation, activationConfig } from '../../src/layers/activations.ts'
import { layerFromConfig } from '../../src/layers/registry.ts'
import { penalty, regularizerConfig } from '../../src/layers/regularizers.ts'
import { attempt, bench, expectOnlyListed } from './bench.testing.ts'
import { disagreement, missing, numbers, readCases, type Tensor, type Tolerance } from './case-files.testing.ts'
import { optionsOf } from './keras-config.testing.ts'

interface LayerCase {
  readonly cls: string
  readonly config: Record<string, unknown>
  readonly weights: readonly Tensor[]
  readonly inputs: readonly (Tensor | readonly Tensor[])[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly expected: Tensor
  readonly tol: Tolerance
}
interface ActivationCase {
  readonly fn: string
  readonly args: { readonly x: Tensor; readonly [parameter: string]: unknown }
  readonly expected: Tensor
  readonly tol: Tolerance
}
interface RegularizerCase {
  readonly cls: string
  readonly config: Record<string, unknown>
  readonly x: Tensor
  readonly expected: Tensor
  readonly tol: Tolerance
}

async function runLayer(one: LayerCase): Promise<string | undefined> {
  const { mask, training, inputs: named, ...others } = one.kwargs
  if (Object.keys(others).length > 0) return `arguments ${Object.keys(others).join(', ')}`
  if (mask !== undefined) return 'masks are not supported'
  const layer = layerFromConfig({ type: one.cls, config: optionsOf(one.config) as Record<string, never> })
  const given = named === undefined ? one.inputs : [named as Tensor]
  const tensors = given.flatMap(input => (Array.isArray(input) ? (input as Tensor[]) : [input as Tensor]))
  const batch = tensors[0]!.shape[0]!
  const shapes: Shape[] = tensors.map(tensor => tensor.shape.slice(1))
  const { graph, randomKey, input, state, run, updates } = bench(batch)
  const specs = layer.weights(shapes)
  expect(specs.map(spec => spec.shape)).toEqual(one.weights.map(weight => weight.shape))
  const weights = Object.fromEntries(specs.map((spec, index) => [spec.name, state(spec.name, one.weights[index]!)]))
  const context = {
    graph,
    // Keras's random layers augment unless told otherwise.
    training: (training ?? one.cls.startsWith('Random')) as boolean,
    randomKey,
    update: (weight: unknown, value: unknown) => updates.push({ state: weight, value } as never),
  }
  const nodes = tensors.map(tensor => input(tensor, true))
  const result = await run(layer.lower(context, nodes, weights))
  expect(result.shape).toEqual([batch, ...layer.outputShape(shapes)])
  expect(result.shape).toEqual(one.expected.shape)
  return disagreement(result.data, numbers(one.expected), one.tol)
}

async function runActivation({ fn, args, expected, tol }: ActivationCase): Promise<string | undefined> {
  const { x, axis, ...parameters } = args
  if (axis !== undefined && axis !== -1) return `axis ${axis}`
  const { graph, input, run } = bench(1)
  const result = await run(activation(graph, activationConfig({ ...optionsOf(parameters), type: fn }), input(x, false)))
  return disagreement(result.data, numbers(expected), tol)
}

async function runRegularizer({ cls, config, x, expected, tol }: RegularizerCase): Promise<string | undefined> {
  const { graph, input, run } = bench(1)
  const result = await run(penalty(graph, regularizerConfig({ ...optionsOf(config), type: cls }), input(x, false)))
  return disagreement(result.data, numbers(expected), tol)
}

const folder = 'keras-golden'
const reason = missing(...['layer', 'activation', 'regularizer'].map(kind => `${folder}/${kind}.json`))
describe.skipIf(reason)(`values recorded from Keras 3${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test('layers', async () => {
    const cases = readCases<LayerCase>(`${folder}/layer.json`)
    expectOnlyListed(`${folder}/layer`, await attempt(cases, ({ cls }, index) => `${index} ${cls}`, runLayer))
  })
  test('activations', async () => {
    const cases = readCases<ActivationCase>(`${folder}/activation.json`)
    expectOnlyListed(`${folder}/activation`, await attempt(cases, ({ fn }, index) => `${index} ${fn}`, runActivation))
  })
  test('regularizers', async () => {
    const cases = readCases<RegularizerCase>(`${folder}/regularizer.json`)
    expectOnlyListed(
      `${folder}/regularizer`,
      await attempt(cases, ({ cls }, index) => `${index} ${cls}`, runRegularizer),
    )
  })
})
