/** The integer cases themselves: enough of them, the whole range of shapes, and exact in float32. */
import { describe, expect, it } from 'vitest'
import { evaluateGraph } from '../../packages/fovea/src/graph/oracle/evaluate.ts'
import { buildCase } from './case.ts'
import { integerCases } from './integer-cases.ts'

const cases = integerCases()

describe('integer cases', () => {
  it('are at least 3,000, each its own', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBeGreaterThanOrEqual(3000)
  })

  it('reach every number of channels and every width up to 33', () => {
    const shapes = cases.filter(({ kind }) => kind !== 'matmul').map(c => buildCase(c).step.inputs[0]!.shape)
    for (const axis of [1, 2, 3]) {
      expect(new Set(shapes.map(shape => shape[axis])), `axis ${axis}`).toEqual(
        new Set([...shapes.map(shape => shape[axis]), ...Array.from({ length: 33 }, (_, extent) => extent + 1)]),
      )
    }
  })

  it('give values that float32 holds exactly', () => {
    for (const opCase of cases.filter((_, index) => index % 7 === 0)) {
      const { step, inputs, states } = buildCase(opCase)
      for (const values of Object.values(evaluateGraph(step, { inputs, states }).outputs)) {
        if (values.some(value => Math.fround(value) !== value)) expect.fail(`${opCase.name} is not exact`)
      }
    }
  })
})
