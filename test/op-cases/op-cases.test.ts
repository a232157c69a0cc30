/**
 * The op cases themselves: every operation has one, gradients equal central differences, the reference device agrees with the
 * oracle, float32 storage stays within the tolerances and a coarser arithmetic does not.
 */
import { describe, expect, it } from 'vitest'
import { checkGradients } from '../../packages/fovea/src/autodiff/check.ts'
import { gradientRules } from '../../packages/fovea/src/autodiff/rules.ts'
import type { Graph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node } from '../../packages/fovea/src/graph/node.ts'
import { verify } from '../../packages/fovea/src/graph/verify.ts'
import { referenceDevice } from '../../packages/fovea/src/runtime/reference.ts'
import { allOpCases } from './all-cases.ts'
import { type BuiltCase, buildCase, type OpCase } from './case.ts'
import { runCases } from './run-case.ts'
import { toleranceRules } from './tolerance.ts'

const cases = allOpCases()

describe('op cases', () => {
  it('cover every operation', () => {
    const covered = new Set(cases.map(opCase => opCase.kind))
    expect(Object.keys(toleranceRules).filter(kind => !covered.has(kind as OpCase['kind']))).toEqual([])
  })

  it('have names of their own and contain the operation they name', () => {
    expect(new Set(cases.map(opCase => opCase.name)).size).toBe(cases.length)
    for (const opCase of cases) {
      const { step } = buildCase(opCase)
      verify(step)
      if (opCase.kind === 'composite') continue
      expect(
        step.outputs.map(output => output.node.kind),
        opCase.name,
      ).toContain(opCase.kind)
    }
  })

  it('hold on the reference device, for every number of rows', async () => {
    expect(await runCases(referenceDevice(), cases)).toEqual([])
  })

  it('tolerate float32 storage', async () => {
    expect(await runCases(referenceDevice({ round: Math.fround }), cases)).toEqual([])
  })

  it('do not tolerate an arithmetic of 11 bits', async () => {
    const coarse = (x: number): number => {
      const scale = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 10)
      return x === 0 || !Number.isFinite(x) ? x : Math.round(x / scale) * scale
    }
    const failed = new Set((await runCases(referenceDevice({ round: coarse }), cases)).map(mismatch => mismatch.case))
    const computing = cases.filter(opCase =>
      /^(conv2d|matmul|batchM|batchN|softmax|reduce sum|tanh|averagePool)/.test(opCase.name),
    )
    const missed = computing.filter(opCase => !failed.has(opCase.name)).map(opCase => opCase.name)
    expect(missed.filter(name => !/of zero|of 1 score|of one|of many/.test(name))).toEqual([])
  })
})

describe('gradients equal central differences', () => {
  const differentiable = cases.filter(opCase => {
    const kind = opCase.kind
    return !opCase.noDifferences && (kind === 'composite' || typeof gradientRules[kind] === 'function')
  })

  it('for every operation that has a gradient', () => {
    const checked = new Set(differentiable.map(opCase => opCase.kind))
    const expected = Object.entries(gradientRules).filter(([, rule]) => typeof rule === 'function')
    expect(expected.map(([kind]) => kind).filter(kind => !checked.has(kind as OpCase['kind']))).toEqual([])
  })

  it.each(differentiable.map(opCase => [opCase.name, opCase] as const))('%s', (_, opCase) => {
    for (const n of new Set([opCase.batch, Math.max(1, opCase.batch - 1)])) {
      // Where a corner of relu or max lies within reach of the first step, the second does not reach it.
      const first = deviationOf(opCase, n, 1e-4)
      const worst = first < 1e-6 ? first : deviationOf(opCase, n, 2e-6)
      expect(worst, `n = ${n}`).toBeLessThan(1e-6)
    }
  })
})

/** Σ over all outputs and elements of y · w, w = 1, −0.9, 0.8 … along the last axis: a scalar that every output element moves. */
function weighedSum({ graph, step }: BuiltCase): Node {
  return step.outputs
    .map(({ node }) => {
      const axes = node.shape.map((_, axis) => axis)
      return graph.sum(graph.mul(node, weights(graph, node)), axes)
    })
    .reduce((sum, part) => graph.add(sum, part))
}

function weights(graph: Graph, node: Node): Node {
  if (node.shape.length === 0) return graph.constant(1.3)
  const last = node.shape.length - 1
  const shape = node.shape.map((extent, axis) => (axis === last && !(axis === 0 && node.batched) ? extent : 1))
  return graph.unary('cos', graph.add(graph.iota(shape, last), 0.4))
}

function deviationOf(opCase: OpCase, n: number, step: number): number {
  const built = buildCase(opCase)
  const deviations = checkGradients({
    graph: built.graph,
    loss: weighedSum(built),
    of: built.smooth,
    inputs: built.step.inputs,
    states: built.step.states,
    feed: { inputs: built.inputs, states: built.states, n },
    samples: 8,
    step,
  })
  return Math.max(0, ...deviations.map(({ relativeError }) => relativeError))
}
