/** What is fused into what, which weights lie blocked, and where barriers are: on small steps, by the kernels that come out. */
import { describe, expect, it } from 'vitest'
import { buildEntries } from '../engine/entries.testing.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import type { Node, NodeOf, StepGraph } from '../graph/node.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { dropout } from '../layers/noise.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { maxPooling2d } from '../layers/pooling.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import { byteSize } from './memory.ts'
import { planProgram } from './plan.ts'
import { wasm128 } from './target.ts'
import type { Kernel, Plan } from './types.ts'

interface Parts {
  readonly outputs?: Readonly<Record<string, Node>>
  readonly updates?: readonly (readonly [NodeOf<'state'>, Node])[]
}

/** The plan of a step written by hand, batches of 8 unless said otherwise. */
function planOf(write: (g: Graph) => Parts, batch = 8) {
  const g = createGraph(batch)
  const inputs: NodeOf<'input'>[] = []
  const states: NodeOf<'state'>[] = []
  const noted = {
    ...g,
    input: (...args: Parameters<Graph['input']>) => {
      const node = g.input(...args)
      inputs.push(node)
      return node
    },
    state: (...args: Parameters<Graph['state']>) => {
      const node = g.state(...args)
      states.push(node)
      return node
    },
  }
  const { outputs = {}, updates = [] } = write(noted)
  const step: StepGraph = {
    batch,
    inputs,
    states,
    outputs: Object.entries(outputs).map(([name, node]) => ({ name, node })),
    updates: updates.map(([state, value]) => ({ state, value })),
  }
  return planProgram({ step }, { target: wasm128, slots: 1, start: 256, algorithm: 'direct' })
}

const kernelsOf = (plan: Plan): Kernel[] => plan.phases.flatMap(phase => phase.kernels)
const kinds = (plan: Plan): string[] => kernelsOf(plan).map(({ spec }) => spec.kind)
const conv = {
  strides: [1, 1],
  padding: { top: 1, bottom: 1, left: 1, right: 1 },
  dilation: [1, 1],
  groups: 1,
} as const

async function trainPlan(layers: readonly Layer[]): Promise<Plan> {
  const entries = buildEntries(sequential(layers), {
    batch: 8,
    optimizer: 'rmsprop',
    loss: 'sparseCategoricalCrossentropy',
  })
  const options = { target: wasm128, slots: 1, start: 256, algorithm: 'direct' } as const
  return (await planProgram({ train: entries.train }, options)).entries[0]!
}

describe('fusion', () => {
  it('convolution, bias and relu are one kernel; its output is copied out by another', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [8, 6, 6, 3], { batched: true })
        const y = g.conv2d(x, g.state('w', [3, 3, 3, 12]), conv)
        return { outputs: { y: g.unary('relu', g.add(y, g.state('b', [12]))) } }
      })
    ).entries as [Plan]
    expect(kinds(plan)).toEqual(['conv2d', 'map'])
    expect(kernelsOf(plan)[0]!.writes).toHaveLength(1)
    expect(plan.phases).toHaveLength(1)
  })

  it('a dense layer ends with its activation', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [8, 20], { batched: true })
        const y = g.add(g.matmul(x, g.state('w', [20, 12])), g.state('b', [12]))
        return { outputs: { y: g.unary('tanh', y) } }
      })
    ).entries as [Plan]
    expect(kinds(plan)).toEqual(['matmul', 'map'])
  })

  it('element-wise chains are one kernel, and what is cheap is computed again', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [8, 20], { batched: true })
        const scaled = g.mul(x, 3)
        return {
          outputs: { a: g.unary('exp', g.add(scaled, 1)), b: g.sum(g.unary('square', scaled), [1]) },
        }
      })
    ).entries as [Plan]
    // One output map with the chain inside; one reduction with the square inside, and its copy.
    expect(kinds(plan).sort()).toEqual(['map', 'map', 'reduce'])
  })

  it('sums over the same elements are taken in one pass', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [8, 20], { batched: true })
        const y = g.input('y', [8, 20], { batched: true })
        return { outputs: { a: g.sum(x, [0]), b: g.sum(g.mul(x, y), [0]) } }
      })
    ).entries as [Plan]
    const [sums] = kernelsOf(plan)
    expect(sums!.writes).toHaveLength(2)
    expect(kinds(plan).slice(1).sort()).toEqual(['combine', 'combine', 'map', 'map'])
  })

  it('sums of channels are taken where their operand is computed; it is stored only for others', async () => {
    const sums = async (alone: boolean) =>
      (
        await planOf(g => {
          const x = g.input('x', [8, 6, 6, 20], { batched: true })
          const y = g.unary('exp', x)
          const total = g.sum(y, [0, 1, 2])
          return { outputs: alone ? { total } : { y, total } }
        })
      ).entries[0] as Plan
    expect(kinds(await sums(true))).toEqual(['map', 'combine', 'map'])
    expect(kernelsOf(await sums(true))[0]!.writes).toHaveLength(1)
    expect(kernelsOf(await sums(false))[0]!.writes).toHaveLength(2)
  })

  it('relu and the gradient of the bias are part of the pooling gradient, also of an odd picture', async () => {
    const plan = await trainPlan([
      conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [9, 9, 3] }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 10, activation: 'softmax' }),
    ])
    const [gradient] = kernelsOf(plan).filter(({ spec }) => spec.kind === 'poolGrad')
    expect(gradient!.writes.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^select/),
      expect.stringMatching(/^parts of reduce/),
    ])
  })

  it('what one simple step makes of a value in memory is not stored beside it', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.unary('exp', g.input('x', [8, 6, 6, 4], { batched: true }))
        const centred = g.sub(x, g.input('mean', [4]))
        const pooled = g.maxPool2d(x, {
          size: [2, 2],
          strides: [2, 2],
          padding: { top: 0, bottom: 0, left: 0, right: 0 },
        })
        return { outputs: { pooled, a: g.sum(centred, [1]), b: g.sum(g.unary('square', centred), [3]) } }
      })
    ).entries as [Plan]
    const large = kernelsOf(plan).flatMap(({ writes }) => writes.filter(({ size }) => size === 8 * 6 * 6 * 4))
    expect(large).toHaveLength(1)
  })

  it('the optimizer ends the weight gradient of a dense layer, which is itself not stored', async () => {
    const plan = await trainPlan([
      flatten({ inputShape: [5, 5, 1] } as never),
      dense({ units: 20 }),
      dense({ units: 10, activation: 'softmax' }),
    ])
    const gradients = kernelsOf(plan).filter(({ spec }) => spec.kind === 'matmulWeightGrad')
    expect(gradients).toHaveLength(2)
    for (const { writes } of gradients) {
      expect(writes.every(({ space }) => space === 'state')).toBe(true)
      expect(writes.some(({ name }) => /kernel$/.test(name))).toBe(true)
      expect(writes.some(({ name }) => name.includes('@'))).toBe(true)
    }
  })

  it('dropout is part of its neighbours, forward and backward: no mask is stored', async () => {
    const layers = (...between: Layer[]) => [
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 3] }),
      ...between,
      conv2d({ filters: 12, kernelSize: 3, padding: 'same', activation: 'relu' }),
      flatten(),
      dense({ units: 10, activation: 'softmax' }),
    ]
    const plain = await trainPlan(layers())
    const dropped = await trainPlan(layers(dropout({ rate: 0.5 })))
    expect(kernelsOf(dropped).length).toBe(kernelsOf(plain).length)
    expect(dropped.arenaBytes).toBeLessThanOrEqual(plain.arenaBytes + 4 * 8 * 36 * 8 + 4096)
  })

  it('batch norm: one pass for the moments, one for the result, one for both sums of the gradient, one for dx', async () => {
    const layers = (...between: Layer[]) => [
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', useBias: false, inputShape: [6, 6, 3] }),
      conv2d({ filters: 12, kernelSize: 3, padding: 'same', useBias: false }),
      ...between,
      flatten(),
      dense({ units: 10, activation: 'softmax' }),
    ]
    const large = (plan: Plan) =>
      kernelsOf(plan).filter(({ reads, writes }) =>
        [...reads, ...writes].some(({ size, batched }) => batched && size >= 8 * 36 * 8),
      )
    const plain = large(await trainPlan(layers()))
    const normalised = large(await trainPlan(layers(batchNormalization())))
    expect(normalised.filter(({ spec }) => spec.kind === 'moments')).toHaveLength(1)
    const added = normalised.length - plain.length
    expect(added).toBe(4)
  })
})

describe('layouts', () => {
  const layoutOf = (program: Awaited<ReturnType<typeof planOf>>, name: string) =>
    program.states.get(name)!.buffer.layout

  it('weights of dense and convolution layers lie blocked, with everything that is updated with them', async () => {
    const program = await planOf(g => {
      const x = g.input('x', [8, 20], { batched: true })
      const [w, momentum] = [g.state('w', [20, 12]), g.state('m', [20, 12])]
      const next = g.add(g.mul(momentum, 0.9), g.matmul(x, g.matmul(x, w), { transposeA: true }))
      return {
        updates: [
          [momentum, next],
          [w, g.sub(w, next)],
        ],
      }
    })
    expect([layoutOf(program, 'w'), layoutOf(program, 'm')]).toEqual(['blocked', 'blocked'])
  })

  it.each([
    ['eight outputs or fewer: the two orders are the same', (g: Graph, w: Node) => g.sum(w, [0, 1]), 8],
    ['read along an axis', (g: Graph, w: Node) => g.sum(w, [0]), 12],
    ['transposed', (g: Graph, w: Node) => g.transpose(w, [1, 0]), 12],
    ['added to a row', (g: Graph, w: Node) => g.add(w, g.state('row', [12])), 12],
  ] as const)('plain where it is %s', async (_, use, columns) => {
    const program = await planOf(g => {
      const w = g.state('w', [20, columns])
      const x = g.input('x', [8, 20], { batched: true })
      return { outputs: { y: g.matmul(x, w), other: use(g, w) } }
    })
    expect(layoutOf(program, 'w')).toBe('plain')
  })

  it('one entry that needs a state plain makes it plain for all', async () => {
    const entry = (transposed: boolean): StepGraph => {
      const g = createGraph(4)
      const [x, w] = [g.input('x', [4, 12], { batched: true }), g.state('w', [12, 12])]
      const y = g.matmul(x, w)
      const outputs = [{ name: 'y', node: y }, ...(transposed ? [{ name: 'w', node: g.transpose(w, [1, 0]) }] : [])]
      return { batch: 4, inputs: [x], states: [w], updates: [], outputs }
    }
    const plan = (...entries: StepGraph[]) =>
      planProgram(Object.fromEntries(entries.map((e, i) => [`e${i}`, e])), { target: wasm128, slots: 1, start: 256 })
    expect((await plan(entry(false))).states.get('w')!.buffer.layout).toBe('blocked')
    expect((await plan(entry(false), entry(true))).states.get('w')!.buffer.layout).toBe('plain')
  })
})

describe('phases', () => {
  it('row kernels follow one another without a barrier; a kernel that sees the whole batch waits', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [8, 6, 6, 3], { batched: true })
        const y = g.maxPool2d(g.conv2d(x, g.state('w', [3, 3, 3, 8]), conv), {
          size: [2, 2],
          strides: [2, 2],
          padding: { top: 0, bottom: 0, left: 0, right: 0 },
        })
        const flat = g.reshape(y, [8, 72])
        return { outputs: { y, gram: g.matmul(flat, flat, { transposeA: true }) } }
      })
    ).entries as [Plan]
    expect(plan.phases.map(({ kernels }) => kernels.map(({ spec }) => spec.kind))).toEqual([
      ['conv2d', 'pool', 'map'],
      ['matmulWeightGrad'],
      ['map'],
    ])
    // The convolution's output is seen by the pooling alone, slice by slice; the pooling's by all of the batch.
    const slices = plan.buffers.filter(({ space }) => space === 'slice')
    expect(slices).toEqual(plan.phases[0]!.kernels[0]!.writes)
    expect(byteSize(wasm128, slices[0]!, 0)).toBeLessThan((slices[0]!.size * 4) / 2 + 200)
  })
})

describe('convolutions', () => {
  const bare = { strides: [2, 2], padding: { top: 0, bottom: 0, left: 0, right: 0 }, dilation: [1, 1] } as const

  it('zeros around a picture are no pass of their own, neither forward nor back', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [8, 6, 6, 12], { batched: true })
        const padded = g.pad(x, [0, 0, 0, 0], [0, 1, 1, 0])
        const w = g.state('w', [3, 3, 1, 12])
        const depthwise = { ...bare, groups: 12 }
        const y = g.conv2d(padded, w, depthwise)
        const dx = g.conv2dInputGrad(y, w, { ...depthwise, inputShape: padded.shape })
        const dw = g.conv2dFilterGrad(padded, y, { ...depthwise, filterShape: w.shape })
        return { outputs: { dx: g.slice(dx, [0, 0, 0, 0], x.shape), dw } }
      })
    ).entries as [Plan]
    expect(kinds(plan).sort()).toEqual(['combine', 'depthwise', 'depthwise', 'depthwiseFilterGrad', 'map', 'map'])
  })

  it('more than one filter a channel is a convolution in groups', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [8, 6, 6, 3], { batched: true })
        return { outputs: { y: g.conv2d(x, g.state('w', [3, 3, 1, 6]), { ...bare, groups: 3 }) } }
      })
    ).entries as [Plan]
    expect(kinds(plan)).toEqual(['pack', 'conv2d', 'map'])
  })

  it.each([
    [1, ['units', 99], ['units', 1980], ['units', 16]],
    [4, ['units', 99], ['units', 1980], ['units', 16]],
    [5, ['rows', 1], ['rows', 1], ['rows', 1]],
  ] as const)('a batch of %i is cut into pictures only where there are several slices', async (batch, ...splits) => {
    const one = { ...bare, strides: [1, 1], groups: 1 } as const
    const [plan] = (
      await planOf(g => {
        const x = g.input('x', [batch, 99, 80, 90], { batched: true })
        const lines = g.conv2d(x, g.state('depthwise', [3, 3, 1, 90]), { ...conv, groups: 90 })
        const tiles = g.conv2d(lines, g.state('narrow', [1, 1, 90, 40]), one)
        const few = g.input('few', [batch, 5, 5, 90], { batched: true })
        const blocks = g.conv2d(few, g.state('wide', [1, 1, 90, 128]), one)
        return { outputs: { tiles, blocks } }
      }, batch)
    ).entries as [Plan]
    const found = kernelsOf(plan).filter(({ spec }) => spec.kind === 'conv2d' || spec.kind === 'depthwise')
    const bySplit = found.map(({ split, units }) => [split, units])
    expect(bySplit.sort()).toEqual(splits.toSorted())
  })

  it('what takes no longer than a barrier stays with one thread, and so does a short step', async () => {
    const splits = async (side: number) => {
      const [plan] = (
        await planOf(g => {
          const x = g.input('x', [1, side, side, 12], { batched: true })
          const large = g.conv2d(x, g.state('large', [3, 3, 12, 36]), conv)
          const small = g.conv2d(g.input('small', [1, 6, 6, 12], { batched: true }), g.state('w', [3, 3, 12, 12]), conv)
          return { outputs: { large, small } }
        }, 1)
      ).entries as [Plan]
      return kernelsOf(plan).flatMap(({ spec, split }) => (spec.kind === 'conv2d' ? [split] : []))
    }
    expect((await splits(54)).sort()).toEqual(['rows', 'units'])
    expect(await splits(45)).toEqual(['rows', 'rows'])
  })
})

describe('outputs', () => {
  it('a mean of channels that only an output reads is kept where its sums are taken beside another result', async () => {
    const [plan] = (
      await planOf(g => {
        const x = g.unary('tanh', g.input('x', [8, 12], { batched: true }))
        return { outputs: { mean: g.mean(x, [0]), product: g.matmul(x, g.state('w', [12, 16])) } }
      })
    ).entries as [Plan]
    expect(plan.outputs.map(({ name }) => name)).toEqual(['mean', 'product'])
  })
})
