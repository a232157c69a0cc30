/**
 * Kernels of the operations that are not element-wise: which implementation, which weights packed how, split how. What most predictions
 * have is at hand; the other lowerings are loaded for graphs that have their operations.
 */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { lowerConv } from './lower-conv.ts'
import { lowerMatmul } from './lower-dense.ts'
import { lowerPool } from './lower-pool.ts'
import type { Lowerings } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'
import { type DedicatedKind, isDedicated } from './operations.ts'
import type { Spec } from './types.ts'

type EverydayKind = 'matmul' | 'conv2d' | 'maxPool2d' | 'averagePool2d' | 'softmax' | 'logSoftmax' | 'argmax'

const everydayLowerings: Lowerings<EverydayKind> = {
  matmul: lowerMatmul,
  conv2d: lowerConv,
  maxPool2d: lowerPool,
  averagePool2d: lowerPool,
  softmax: lowerRowwise,
  logSoftmax: lowerRowwise,
  argmax: lowerRowwise,
}

const everyday = async () => everydayLowerings
const gradients = async () => (await import('./lower-gradients.ts')).gradientLowerings
const depthwise = async () => (await import('./lower-depthwise.ts')).depthwiseLowerings
const rarer = async () => (await import('./lower-rarer.ts')).rarerLowerings

const families: { readonly [K in DedicatedKind]: (nodes: readonly NodeOf<K>[]) => Promise<Lowerings<K>> } = {
  matmul: nodes => (nodes.some(isOfGradient) ? gradients() : everyday()),
  conv2d: nodes => (nodes.some(isGrouped) ? depthwise() : everyday()),
  conv2dInputGrad: gradients,
  conv2dFilterGrad: gradients,
  maxPool2d: everyday,
  averagePool2d: everyday,
  maxPool2dGrad: gradients,
  averagePool2dGrad: gradients,
  softmax: everyday,
  logSoftmax: everyday,
  argmax: everyday,
  batchMoments: rarer,
  affineSample: rarer,
  pad: rarer,
  concat: rarer,
}

/** Products of gradients have one side transposed. */
const isOfGradient = ({ attributes }: NodeOf<'matmul'>): boolean => attributes.transposeA || attributes.transposeB

const isGrouped = ({ attributes }: NodeOf<'conv2d'>): boolean => attributes.groups > 1

/** Of all operations among these nodes, loaded. */
export async function dedicatedLowerings(nodes: readonly Node[]): Promise<Lowerings> {
  const dedicated = nodes.filter(isDedicated)
  const kinds = new Set(dedicated.map(({ kind }) => kind))
  // Kind by kind: a family has lowerings of other kinds too.
  const loaded = await Promise.all(
    Array.from(kinds, async kind => {
      const family = await families[kind](dedicated.filter(node => node.kind === kind) as never)
      return [kind, (family as Lowerings)[kind]] as const
    }),
  )
  return Object.fromEntries(loaded) as unknown as Lowerings
}

function lowerRowwise(lowering: Lowering, node: NodeOf<'softmax'> | NodeOf<'logSoftmax'> | NodeOf<'argmax'>): void {
  const [x] = node.inputs as [Node]
  const input = lowering.contiguous(x)
  const y = lowering.destination(node)
  const width = x.shape.at(-1)!
  const all = sizeOf(x.shape) / width
  const rows = x.batched ? all / x.shape[0]! : all
  const spec: Spec = { kind: 'rowwise', fn: node.kind, x: input, y, rows, width, batched: x.batched }
  lowering.kernel({
    name: node.kind,
    spec,
    split: x.batched ? 'rows' : 'units',
    units: rows,
    reads: [input.buffer],
    writes: [y.buffer],
    scratch: 0,
  })
}
