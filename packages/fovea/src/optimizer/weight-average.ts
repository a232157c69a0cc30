/**
 * An average of the weights that is kept beside them, in a slot, and takes their place when training ends. `useEma`: the moving average
 * of Keras (Polyak and Juditsky 1992). `lookaheadSteps`: slow weights that follow the fast ones every k updates, after which the fast
 * ones begin again there (Zhang et al. 2019, "Lookahead Optimizer: k steps forward, 1 step back").
 *
 * Both average what the optimizer trains and nothing else, as the code of Keras and of Zhang et al. does. The moving mean and variance
 * of batch normalization stay those of the fast weights.
 */
import { UserError } from '../base/errors.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { isSchedule, type Schedule } from './schedules.ts'

/** The options of an optimizer as they were read. */
export interface AverageOptions {
  readonly useEma: boolean
  readonly emaMomentum: number
  readonly emaOverwriteFrequency: number | null
  readonly lookaheadSteps: number | null
  readonly lookaheadRate: number | Schedule
}

interface AverageArguments {
  /** Before and after the update. */
  readonly before: Node
  readonly after: Node
  readonly slot: Node
  readonly scalar: (name: string) => Node
}

export interface WeightAverage {
  /** Name of the slot that takes the weight's place when training ends. */
  readonly slot: string
  /** Update t counts from 1; `stepsDone` is what schedules are asked with. */
  scalars(t: number, stepsDone: number): Readonly<Record<string, number>>
  /** The new values of the weight and of the slot. */
  update(graph: Graph, args: AverageArguments): { readonly weight: Node; readonly average: Node }
}

/** Undefined where the optimizer keeps none. Throws UserError for both at once. */
export function weightAverage(owner: string, options: AverageOptions): WeightAverage | undefined {
  const { useEma, lookaheadSteps } = options
  if (useEma && lookaheadSteps !== null) {
    throw new UserError({
      what: `${owner} averages the weights in two ways.`,
      expected: 'one of them',
      received: 'useEma, lookaheadSteps',
    })
  }
  if (useEma) return movingAverage(options)
  return lookaheadSteps === null ? undefined : lookahead(lookaheadSteps, options.lookaheadRate)
}

/** average ← m · average + (1 − m) · weight; the first step copies the weights. */
function movingAverage({ emaMomentum, emaOverwriteFrequency: frequency }: AverageOptions): WeightAverage {
  return {
    slot: 'average',
    scalars: t => ({
      emaMomentum: t === 1 ? 0 : emaMomentum,
      ...(frequency === null ? {} : { emaOverwrites: t % frequency === 0 ? 1 : 0 }),
    }),
    update(graph, { after, slot, scalar }) {
      const momentum = scalar('emaMomentum')
      const average = graph.add(graph.mul(slot, momentum), graph.mul(after, graph.sub(1, momentum)))
      return { weight: frequency === null ? after : graph.select(scalar('emaOverwrites'), average, after), average }
    },
  }
}

/** Every k updates slow ← slow + α (fast − slow), fast ← slow; slow begins as the first weights. */
function lookahead(k: number, rate: number | Schedule): WeightAverage {
  return {
    slot: 'slow',
    scalars: (t, stepsDone) => ({
      lookaheadBegins: t === 1 ? 1 : 0,
      lookaheadMoves: t % k === 0 ? 1 : 0,
      lookaheadRate: isSchedule(rate) ? rate.at(stepsDone) : rate,
    }),
    update(graph, { before, after, slot, scalar }) {
      const begun = graph.select(scalar('lookaheadBegins'), before, slot)
      const moved = graph.add(begun, graph.mul(graph.sub(after, begun), scalar('lookaheadRate')))
      const moves = scalar('lookaheadMoves')
      return { weight: graph.select(moves, moved, after), average: graph.select(moves, moved, begun) }
    },
  }
}
