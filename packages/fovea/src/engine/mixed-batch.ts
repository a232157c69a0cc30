/**
 * Mixup and CutMix in a training step. In: the fed inputs, and the same rows one place further on as their partners: the order of an
 * epoch is shuffled, so the next row is a random one. Out: the mixed inputs, and the share λ that the first label has of the loss.
 * What is drawn (λ, the box) is a function of seed and step, computed on the host and fed as scalars.
 */
import { betaRandom } from '../base/beta-random.ts'
import { fold, keyOf, type RandomKey, randomBits } from '../base/random.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import type { Mixing } from '../objectives/mixing.ts'
import type { RowSlots, TrainSlots } from './entry.ts'
import type { PassForm } from './entry-builder.ts'
import type { FeedRows } from './feed-rows.ts'

/** Keeps these random numbers apart from those of the steps (≥ 0) and of the order (−1). */
const mixStream = -2

/** From the top left corner of the picture; ends are exclusive. */
interface Box {
  readonly boxTop: number
  readonly boxBottom: number
  readonly boxLeft: number
  readonly boxRight: number
}
const noBox: Box = { boxTop: 0, boxBottom: 0, boxLeft: 0, boxRight: 0 }

/** What the host feeds at a step (from 0): `mixShare` is λ, `mixBlend` the part of it by which pictures are laid over one another. */
export function mixScalars(
  mixings: readonly Mixing[],
  { inputs }: Pick<Model, 'inputs'>,
  seed: number,
  step: number,
): Readonly<Record<string, number>> {
  const next = uniformNumbers(fold(fold(keyOf(seed), mixStream), step))
  const { type, config } = mixings[Math.floor(next() * mixings.length)]!
  if (next() >= config.probability) return { mixShare: 1, mixBlend: 1, ...noBox }
  const share = betaRandom(next, config.alpha)
  if (type === 'Mixup') return { mixShare: share, mixBlend: share, ...noBox }
  const [height, width] = inputs[0]!.shape as readonly [number, number, number]
  const box = boxOf(next, height, width, share)
  const area = (box.boxBottom - box.boxTop) * (box.boxRight - box.boxLeft)
  return { mixShare: 1 - area / (height * width), mixBlend: 1, ...box }
}

/** As the code of Yun et al.: of the share 1 − λ around a uniform centre, cut off at the edges. */
function boxOf(next: () => number, height: number, width: number, share: number): Box {
  const side = Math.sqrt(1 - share)
  const along = (extent: number) => {
    const half = Math.floor(Math.floor(extent * side) / 2)
    const centre = Math.floor(next() * extent)
    return [Math.max(0, centre - half), Math.min(extent, centre + half)] as const
  }
  const [boxLeft, boxRight] = along(width)
  const [boxTop, boxBottom] = along(height)
  return { boxTop, boxBottom, boxLeft, boxRight }
}

/** Within (0, 1), one after the other. */
function uniformNumbers(key: RandomKey): () => number {
  let index = 0
  return () => ((randomBits(key, index++) >>> 0) + 0.5) * 2 ** -32
}

/** λ x + (1 − λ) x′, and the box of x′ in it; the loss of both labels by λ. Undefined where nothing is mixed. */
export function batchMixing(mixings: readonly Mixing[]): PassForm['mixing'] {
  if (mixings.length === 0) return undefined
  const has = (type: Mixing['type']): boolean => mixings.some(each => each.type === type)
  return ({ graph, feed, scalar }, inputs) => ({
    inputs: inputs.map(x => {
      const { name } = (x as NodeOf<'input'>).attributes
      const partner = feed('partner inputs', name, `partner:${name}`, x.shape, { dtype: x.dtype, batched: true })
      const [own, other] = [graph.cast(x), graph.cast(partner)]
      const laidOver = has('Mixup') ? mixture(graph, scalar('mixBlend'), own, other) : own
      return has('CutMix') ? graph.select(boxMask(graph, scalar, x.shape), other, laidOver) : laidOver
    }),
    partner: {
      target: (of, shape, dtype) =>
        feed('partner targets', of, `partner-target:${of}`, [graph.batch, ...shape], { dtype, batched: true }),
      weight: of => feed('partner weights', of, `partner-weight:${of}`, [graph.batch], { batched: true }),
      loss: (own, other) => mixture(graph, scalar('mixShare'), own, other),
    },
  })
}

/** share · a + (1 − share) · b. */
const mixture = (graph: Graph, share: Node, a: Node, b: Node): Node =>
  graph.add(graph.mul(a, share), graph.mul(b, graph.sub(1, share)))

/** [1, height, width, 1]: 1 within the box. */
function boxMask(graph: Graph, scalar: (name: string) => Node, [, height, width]: readonly number[]): Node {
  const between = (index: Node, first: Node, end: Node): Node =>
    graph.mul(graph.binary('lessEqual', first, index), graph.binary('less', index, end))
  const down = graph.iota([1, height!, 1, 1], 1)
  const across = graph.iota([1, 1, width!, 1], 2)
  return graph.mul(
    between(down, scalar('boxTop'), scalar('boxBottom')),
    between(across, scalar('boxLeft'), scalar('boxRight')),
  )
}

/** Fills the places of the partners from the `n` rows that lie in the step: row i gets row i + 1, the last one the first. */
export function fillPartners(rows: FeedRows, slots: TrainSlots, n: number): void {
  for (const kind of ['inputs', 'targets', 'weights'] as const satisfies readonly (keyof RowSlots)[]) {
    for (const [name, place] of Object.entries(slots.partners[kind])) {
      const own = slots[kind][name]!
      const size = rows[kind][name]!.slotRowSize
      place.set(own.subarray(size, n * size), 0)
      place.set(own.subarray(0, size), (n - 1) * size)
    }
  }
}
