/** Operators that stand for one activation or normalization together, and those that only look so. */
import { UserError } from 'fovea'
import { expect, test } from 'vitest'
import { importedNetwork } from './import.ts'
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from './onnx-model.ts'

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
  domain = '',
): OnnxNode => ({ op, domain, name: output, inputs, outputs: [output], attributes })

const numbers = (name: string, dims: readonly number[], ...data: readonly number[]): OnnxTensor => ({
  name,
  type: 'float32',
  dims,
  data: Float32Array.from(data),
})

/** From a vector x of three to y. */
const graphOf = (nodes: readonly OnnxNode[], initializers: readonly OnnxTensor[] = []): OnnxModel => ({
  irVersion: 8,
  opsets: { '': 17 },
  producer: '',
  producerVersion: '',
  metadata: {},
  graph: {
    name: 'g',
    nodes,
    initializers,
    inputs: [{ name: 'x', type: 'float32', dims: ['n', 3] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['n', 3] }],
  },
})

const layersOf = (model: OnnxModel): unknown[] => {
  const layers = importedNetwork(model, 'm.onnx').model['layers'] as unknown as readonly Readonly<
    Record<string, unknown>
  >[]
  return layers.map(({ type, config }) => [type, config])
}

test('x · sigmoid(x) is one activation; of two values it is a product', () => {
  const silu = [node('Sigmoid', ['x'], 's'), node('Mul', ['x', 's'], 'y')]
  expect(layersOf(graphOf(silu))).toEqual([['Activation', { activation: 'silu' }]])
  const gated = [node('Tanh', ['x'], 't'), node('Sigmoid', ['t'], 's'), node('Mul', ['x', 's'], 'y')]
  expect(layersOf(graphOf(gated)).map(layer => (layer as [string])[0])).toEqual([
    'Activation',
    'Activation',
    'Multiply',
  ])
})

test('numbers of a formula come out of the file, and have to be the same everywhere', () => {
  const nodes = [
    node('Less', ['t', 'x'], 'passes'),
    node('Sub', ['x', 'u'], 'shifted'),
    node('Mul', ['shifted', 's'], 'below'),
    node('Where', ['passes', 'x', 'below'], 'y'),
  ]
  const [t, s] = [numbers('t', [], 0.5), numbers('s', [], 0.25)]
  const relu = graphOf(nodes, [t, numbers('u', [], 0.5), s])
  expect(layersOf(relu)).toEqual([
    ['Activation', { activation: { type: 'relu', negativeSlope: 0.25, threshold: 0.5 } }],
  ])
  const other = graphOf(nodes, [t, numbers('u', [], 0.75), s])
  expect(() => importedNetwork(other, 'm.onnx')).toThrow(/does not have: Less, Where/)
})

test('a normalization by length has its axes and its scale along them', () => {
  const over = { axes: { kind: 'ints', value: [1] }, keepdims: { kind: 'int', value: 1 } } as const
  const nodes = [
    node('Mul', ['x', 'x'], 'square'),
    node('ReduceMean', ['square'], 'mean', over),
    node('Add', ['mean', 'e'], 'sum'),
    node('Sqrt', ['sum'], 'root'),
    node('Div', ['x', 'root'], 'unit'),
    node('Mul', ['unit', 'scale'], 'y'),
  ]
  const epsilon = numbers('e', [], 0.5)
  expect(layersOf(graphOf(nodes, [epsilon, numbers('scale', [3], 1, 2, 3)]))).toEqual([
    ['RMSNormalization', { axis: [1], epsilon: 0.5 }],
  ])
  expect(() => importedNetwork(graphOf(nodes, [epsilon, numbers('scale', [1], 2)]), 'm.onnx')).toThrow(
    /along other axes/,
  )
})

test('a file that says the names of formulas itself is read no further than Fovea goes', () => {
  const said = (op: string, attributes: Readonly<Record<string, OnnxAttribute>> = {}): OnnxModel =>
    graphOf([node(op, ['x'], 'y', attributes, 'fovea')])
  expect(layersOf(said('tanh'))).toEqual([['Activation', { activation: 'tanh' }]])
  for (const model of [said('constructor'), said('threshold', { axis: { kind: 'float', value: 1 } }), said('Custom')]) {
    expect(() => importedNetwork(model, 'm.onnx')).toThrow(UserError)
  }
})
