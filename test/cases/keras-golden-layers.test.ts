/** Layers, activations and regularizers against values recorded from Keras 3's own tests. */
import { expect, test } from 'vitest'
import { knownClass, readLayer } from '../../packages/formats/src/keras/keras-layers.ts'
import type { JsonRecord } from '../../packages/fovea/src/base/json.ts'
import { activationConfig, activationFormula } from '../../packages/fovea/src/layers/activations.ts'
import { toCamel } from '../../packages/fovea/src/layers/options.ts'
import { layerFromConfig } from '../../packages/fovea/src/layers/registry.ts'
import { penalty, regularizerConfig } from '../../packages/fovea/src/layers/regularizers.ts'
import { attempt, bench, expectOnlyListed, runLayer } from './bench.testing.ts'
import { disagreement, missing, numbers, readCases, type Tensor, type Tolerance } from './case-files.testing.ts'
import { allowed, onEveryDevice } from './devices.testing.ts'

interface LayerCase {
  readonly cls: string
  readonly config: JsonRecord
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

/** Layers that take a single picture as well as a batch in Keras. */
const alsoUnbatched = ['CenterCrop', 'Resizing']

async function runLayerCase(one: LayerCase): Promise<string | undefined> {
  const { mask, training, inputs: named, ...others } = one.kwargs
  if (Object.keys(others).length > 0) return `arguments ${Object.keys(others).join(', ')}`
  if (mask !== undefined) return 'masks are not supported'
  if (knownClass(one.cls) === undefined) return 'no such layer'
  const asRead = {
    className: one.cls,
    name: one.cls,
    config: one.config,
    registered: undefined,
    calls: [],
    builtFor: undefined,
  }
  const read = readLayer(asRead, one.cls, 'keras3')
  if (!read.layer) return [...read.problems, ...read.notes].join()
  const layer = layerFromConfig(read.layer)
  const given = named === undefined ? one.inputs : [named as Tensor]
  const tensors = given.flatMap(input => (Array.isArray(input) ? (input as Tensor[]) : [input as Tensor]))
  const single = alsoUnbatched.includes(one.cls) && tensors[0]!.shape.length === 3
  const batched = single ? tensors.map(tensor => ({ ...tensor, shape: [1, ...tensor.shape] })) : tensors
  // Keras's random layers augment unless told otherwise.
  const trains = (training ?? one.cls.startsWith('Random')) as boolean
  const result = await runLayer(layer, batched, one.weights, trains)
  expect(single ? result.shape.slice(1) : result.shape).toEqual(one.expected.shape)
  return disagreement(result.data, numbers(one.expected), allowed(one.tol))
}

const inCamel = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [toCamel(name), value]))

async function runActivation({ fn, args, expected, tol }: ActivationCase): Promise<string | undefined> {
  const { x, axis, ...parameters } = args
  if (axis !== undefined && axis !== -1) return `axis ${axis}`
  const { graph, input, run } = bench(1)
  const result = await run(
    activationFormula(graph, activationConfig({ ...inCamel(parameters), type: fn }), input(x, false)),
  )
  return disagreement(result.data, numbers(expected), allowed(tol))
}

async function runRegularizer({ cls, config, x, expected, tol }: RegularizerCase): Promise<string | undefined> {
  const { graph, input, run } = bench(1)
  const result = await run(penalty(graph, regularizerConfig({ ...inCamel(config), type: cls }), input(x, false)))
  return disagreement(result.data, numbers(expected), allowed(tol))
}

const folder = 'keras-golden'
const reason = missing(...['layer', 'activation', 'regularizer', 'constraint'].map(kind => `${folder}/${kind}.json`))
onEveryDevice('values recorded from Keras 3', reason, () => {
  test('layers', async () => {
    const cases = readCases<LayerCase>(`${folder}/layer.json`)
    expectOnlyListed(`${folder}/layer`, await attempt(cases, ({ cls }, index) => `${index} ${cls}`, runLayerCase))
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
  test('constraints', async () => {
    // Fovea has no constraints on weights: all of them are listed.
    const cases = readCases<RegularizerCase>(`${folder}/constraint.json`)
    const attempts = await attempt(
      cases,
      ({ cls }, index) => `${index} ${cls}`,
      async () => 'constraints are not built',
    )
    expectOnlyListed(`${folder}/constraint`, attempts)
  })
})
