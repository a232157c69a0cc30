/** Activations, layers and whole models against the fixtures of keras-js (recorded from Keras 2, stored with 6 decimals). */
import { test } from 'vitest'
import { activationConfig, activationFormula } from '../../packages/fovea/src/layers/activations.ts'
import type { Layer, LayerConfig } from '../../packages/fovea/src/layers/layer.ts'
import { toCamel } from '../../packages/fovea/src/layers/options.ts'
import { layerFromConfig } from '../../packages/fovea/src/layers/registry.ts'
import type { Tensor as Value } from '../../packages/fovea/src/layers/tensor.ts'
import { apply } from '../../packages/fovea/src/layers/tensor.ts'
import { input as inputOf, model as modelOf } from '../../packages/fovea/src/network/functional.ts'
import { modelNodes } from '../../packages/fovea/src/network/model-nodes.ts'
import { attempt, bench, expectOnlyListed, runLayer } from './bench.testing.ts'
import { disagreement, missing, numbers, readCases, type Tensor } from './case-files.testing.ts'
import { allowed, onEveryDevice } from './devices.testing.ts'

interface Case {
  readonly id: string
  readonly kind: 'activation' | 'layer' | 'model'
  readonly layer?: string
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly layers?: readonly LayerEntry[]
  readonly data: {
    readonly input?: Tensor
    readonly inputs?: readonly Tensor[]
    readonly weights?: readonly Tensor[]
    readonly expected: Tensor
  }
}
interface LayerEntry {
  readonly layerClass: string
  readonly attrs: Readonly<Record<string, unknown>>
  /** Of a layer that is not shared. */
  readonly branch?: number | readonly number[]
  readonly inbound: readonly string[]
  readonly outbound: readonly string[]
}

const tolerance = { atol: 1e-4, rtol: 1e-4 }
const withBatch = (tensor: Tensor): Tensor => ({ ...tensor, shape: [1, ...tensor.shape] })

/** Keras 2's words. */
function modern(type: string, attrs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { alpha, inputShape: _, branches: __, gpu: ___, ...rest } = attrs
  const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => [toCamel(name), value]))
  if (alpha === undefined) return options
  return { ...options, [/relu/i.test(type) ? 'negativeSlope' : 'alpha']: alpha }
}

const makeLayer = (type: string, attrs: Readonly<Record<string, unknown>>): Layer =>
  layerFromConfig({ type, config: modern(type, attrs) as LayerConfig })

async function runActivation({ layer, attrs, data }: Case): Promise<string | undefined> {
  const { graph, input, run } = bench(1)
  // Keras 2's hard sigmoid is 0.2 x + 0.5.
  const own = layer === 'hard_sigmoid' ? { alpha: 0.2 } : {}
  const config = activationConfig({ ...modern(layer!, attrs!), ...own, type: layer })
  const result = await run(activationFormula(graph, config, input(data.input!, false)))
  return disagreement(result.data, numbers(data.expected), allowed(tolerance))
}

async function runOneLayer({ layer, attrs, data }: Case): Promise<string | undefined> {
  const weights = data.weights ?? []
  const tensors = [withBatch(data.input!)]
  if (attrs!['branches'] !== undefined) return runBranches(layer!, tensors[0]!, weights, data.expected)
  const result = await runLayer(makeLayer(layer!, attrs!), tensors, weights, false)
  return disagreement(result.data, numbers(data.expected), allowed(tolerance))
}

/** A merging layer on dense layers (two weights each) of one input; some fixtures repeat each branch's vector as rows. */
async function runBranches(type: string, x: Tensor, weights: readonly Tensor[], expected: Tensor) {
  const branches: Tensor[] = []
  for (let first = 0; first < weights.length; first += 2) {
    const dense = makeLayer('Dense', { units: weights[first]!.shape[1] })
    const { shape, data } = await runLayer(dense, [x], weights.slice(first, first + 2), false)
    const rows = expected.shape.length === 2 ? expected.shape[0]! : 0
    if (rows === 0) branches.push({ shape, data: [...data] })
    else branches.push({ shape: [1, rows, shape[1]!], data: Array.from({ length: rows }, () => [...data]).flat() })
  }
  const result = await runLayer(makeLayer(type, {}), branches, [], false)
  return disagreement(result.data, numbers(expected), allowed(tolerance))
}

async function runModel({ layers, data }: Case): Promise<string | undefined> {
  const tensors = (data.inputs ?? [data.input!]).map(withBatch)
  const inputs = tensors.map(tensor => inputOf({ shape: tensor.shape.slice(1) }))
  const values = new Map<string, Value>()
  let output: Value | undefined
  for (const { layerClass, attrs, branch, inbound, outbound } of layers!) {
    // A layer without sources starts a branch: branch i reads input i.
    const sources = inbound.length === 0 ? [inputs[Number(branch ?? 0)]!] : inbound.map(name => values.get(name)!)
    const name = attrs['name'] as string
    const layer = layerFromConfig({ type: layerClass, name, config: modern(layerClass, attrs) as LayerConfig })
    values.set(name, apply(layer, sources))
    if (outbound.length === 0) output = values.get(name)
  }
  const model = modelOf({ inputs, outputs: output! })
  const { graph, randomKey, input, state, run } = bench(1)
  // The fixtures list weights in the order of their layers; the model may order branches otherwise.
  const order = layers!.flatMap(({ attrs }) => model.weights.filter(weight => weight.layer === attrs['name']))
  for (const [index, weight] of order.entries()) state(weight.name, data.weights![index]!)
  const nodes = tensors.map(tensor => input(tensor, true))
  const lowered = modelNodes(model, graph, { inputs: nodes, training: false, randomKey })
  const result = await run(lowered.outputs[0]!)
  return disagreement(result.data, numbers(data.expected), allowed(tolerance))
}

const file = 'keras-js/cases.json'
const reason = missing(file)
onEveryDevice('fixtures of keras-js', reason, () => {
  test.each([
    ['activation', runActivation],
    ['layer', runOneLayer],
    ['model', runModel],
  ] as const)('%s', async (kind, run) => {
    const cases = readCases<Case>(file).filter(one => one.kind === kind)
    expectOnlyListed(`keras-js/${kind}`, await attempt(cases, ({ id }) => id, run))
  })
})
