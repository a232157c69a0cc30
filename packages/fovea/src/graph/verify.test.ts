import { describe, expect, it } from 'vitest'
import { createGraph } from './builder.ts'
import type { Node, NodeOf, StepGraph } from './node.ts'
import { printGraph } from './print.ts'
import { verify } from './verify.ts'

const padding = { top: 0, bottom: 0, left: 0, right: 0 }

function classifier() {
  const graph = createGraph(32)
  const pixels = graph.input('pixels', [32, 28, 28, 1], { batched: true, dtype: 'u8' })
  const filter = graph.state('filter', [3, 3, 1, 32])
  const y = graph.conv2d(graph.cast(pixels), filter, { strides: [1, 1], padding, dilation: [1, 1], groups: 1 })
  const step: StepGraph = {
    batch: 32,
    inputs: [pixels],
    states: [filter],
    updates: [{ state: filter, value: graph.mul(filter, 0.5) }],
    outputs: [{ name: 'y', node: y }],
  }
  return { graph, pixels, filter, y, step }
}

describe('printGraph', () => {
  it('prints one line per node, then outputs and updates', () => {
    const { step } = classifier()
    expect(printGraph(step)).toBe(`batch 32
%0 input (32, 28, 28, 1)* u8 {name pixels}
%1 state (3, 3, 1, 32) {name filter}
%2 cast (32, 28, 28, 1)* = %0
%3 conv2d (32, 26, 26, 32)* = %2 %1 {strides [1,1], padding 0 0 0 0, dilation [1,1], groups 1}
%4 constant () {value 0.5}
%5 binary (3, 3, 1, 32) = %1 %4 {fn mul}
output y = %3
update filter = %5
`)
  })
})

describe('verify', () => {
  it('accepts a sound graph', () => {
    expect(() => verify(classifier().step)).not.toThrow()
  })

  it('refuses a leaf that is not declared', () => {
    const { step } = classifier()
    expect(() => verify({ ...step, inputs: [] })).toThrow("'pixels' is not among the declared inputs")
    expect(() => verify({ ...step, states: [] })).toThrow("'filter' is not among the declared states")
  })

  it('refuses an update of another shape', () => {
    const { graph, step, filter } = classifier()
    const updates = [{ state: filter, value: graph.constant(0) }]
    expect(() => verify({ ...step, updates })).toThrow("update of state 'filter' (3, 3, 1, 32)")
  })

  it('refuses two updates or outputs of one name', () => {
    const { step } = classifier()
    expect(() => verify({ ...step, updates: [...step.updates, ...step.updates] })).toThrow('two declarations of update')
    expect(() => verify({ ...step, outputs: [...step.outputs, ...step.outputs] })).toThrow("output 'y'")
  })

  it('refuses nodes of another graph', () => {
    const { step } = classifier()
    const other = createGraph(32)
    const foreign = other.input('others', [32, 4], { batched: true })
    const mixed = {
      ...step,
      inputs: [...step.inputs, foreign],
      outputs: [...step.outputs, { name: 'z', node: foreign }],
    }
    expect(() => verify(mixed)).toThrow('a node of another graph')
  })

  it('refuses a shape the rule does not give', () => {
    const { step, y } = classifier()
    const wrong = { ...y, shape: [32, 26, 26, 31] } as Node
    expect(() => verify({ ...step, outputs: [{ name: 'y', node: wrong }] })).toThrow('the rule gives (32, 26, 26, 32)')
  })

  it('refuses a batched node without the batch in front', () => {
    const { step } = classifier()
    const wrong = { ...step.inputs[0]!, shape: [31, 28, 28, 1] } as NodeOf<'input'>
    const changed = { ...step, inputs: [wrong], outputs: [{ name: 'y', node: wrong }] }
    expect(() => verify(changed)).toThrow('axis 0 is not the batch of 32')
  })
})
