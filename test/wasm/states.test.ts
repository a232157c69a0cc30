/** Updates of states whose values read states in every way: old values are read everywhere, whatever is updated in place. */
import { describe, expect, it } from 'vitest'
import { createGraph, type Graph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node, NodeOf, StepGraph } from '../../packages/fovea/src/graph/node.ts'
import { evaluateGraph } from '../../packages/fovea/src/graph/oracle/evaluate.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { host } from './runs.testing.ts'

type State = NodeOf<'state'>
/** Updates and outputs of a step on states a, b [12, 12] and v [12]. */
type Write = (g: Graph, s: { a: State; b: State; v: State }) => readonly [State, Node][]

const cases: Readonly<Record<string, Write>> = {
  'two states change places': (_, { a, b }) => [
    [a, b],
    [b, a],
  ],
  'a state and its transpose': (g, { a }) => [[a, g.add(a, g.transpose(a, [1, 0]))]],
  'the transpose alone': (g, { a }) => [[a, g.transpose(a, [1, 0])]],
  'less its first row': (g, { a }) => [[a, g.sub(a, g.slice(a, [0, 0], [1, 12]))]],
  'less its last column': (g, { a }) => [[a, g.mul(g.sub(a, g.slice(a, [0, 11], [12, 1])), 2)]],
  'less its own mean': (g, { a }) => [[a, g.sub(a, g.mean(a, [0, 1]))]],
  'a product with itself': (g, { a }) => [[a, g.matmul(a, a)]],
  'a product with itself, plus itself': (g, { a, b }) => [
    [a, g.add(g.matmul(a, b), a)],
    [b, g.add(g.matmul(b, a), b)],
  ],
  'a product plus its own transpose': (g, { a, b }) => [[a, g.add(g.matmul(b, b), g.transpose(a, [1, 0]))]],
  'a product plus its own first row': (g, { a, b }) => [[a, g.add(g.matmul(b, b), g.slice(a, [0, 0], [1, 12]))]],
  'parts joined in another order': (g, { a }) => [
    [a, g.concat([g.slice(a, [6, 0], [6, 12]), g.slice(a, [0, 0], [6, 12])], 0)],
  ],
  'one value for two states': (g, { a, b }) => {
    const value = g.add(g.mul(a, 0.5), b)
    return [
      [a, value],
      [b, value],
    ]
  },
  'a chain': (g, { a, b, v }) => {
    const next = g.add(a, v)
    return [
      [a, next],
      [b, g.add(b, next)],
      [v, g.sum(b, [0])],
    ]
  },
  'a state that another one takes over, updated as well': (g, { a, b }) => [
    [b, a],
    [a, g.unary('square', a)],
  ],
  'the flat transpose of a slice': (g, { a, v }) => [
    [v, g.reshape(g.slice(a, [0, 3], [12, 1]), [12])],
    [a, g.add(a, v)],
  ],
  'a row of a state that is updated before': (g, { a, v }) => [
    [a, g.mul(a, 0.5)],
    [v, g.reshape(g.slice(a, [3, 0], [1, 12]), [12])],
  ],
  'a vector turned by its halves': (g, { v }) => [
    [v, g.add(v, g.concat([g.slice(v, [6], [6]), g.slice(v, [0], [6])], 0))],
  ],
  'an unchanged state': (_, { a }) => [[a, a]],
  'a constant': (g, { a }) => [[a, g.constant(3, [12, 12])]],
}

describe('states are read before they are written', () => {
  it.each(Object.entries(cases))('%s', async (_, write) => {
    const g = createGraph(4)
    const s = { a: g.state('a', [12, 12]), b: g.state('b', [12, 12]), v: g.state('v', [12]) }
    const updates = write(g, s).map(([state, value]) => ({ state, value }))
    const states = [s.a, s.b, s.v]
    const outputs = [{ name: 'sum', node: g.sum(g.add(s.a, s.b), [0, 1]) }]
    const step: StepGraph = { batch: 4, inputs: [], states, updates, outputs }
    const initial: Record<string, Float64Array> = Object.fromEntries(
      states.map(({ attributes: { name }, shape }, number) => {
        const size = shape.reduce((product, extent) => product * extent, 1)
        return [name, Float64Array.from({ length: size }, (_, index) => ((index * (5 + number)) % 17) - 8)]
      }),
    )
    for (const threads of [1, 2]) {
      const program = await wasmDevice(host).compile({ step }, { threads })
      let values = initial
      await program.writeStates(values)
      for (let turn = 0; turn < 2; turn++) {
        const exact = evaluateGraph(step, { inputs: {}, states: values, n: 4 })
        const [received] = await program.run('step', 1, () => 4)
        expect(received!['sum']![0]).toBeCloseTo(exact.outputs['sum']![0]!, 2)
        values = { ...values, ...exact.updates }
        const after = await program.readStates()
        for (const [name, value] of Object.entries(values))
          for (let index = 0; index < value.length; index++)
            expect(Math.abs(after[name]![index]! - value[index]!), `${name}[${index}]`).toBeLessThanOrEqual(
              1e-5 * Math.abs(value[index]!) + 1e-5,
            )
      }
      await program.dispose()
    }
  })
})
