/**
 * Penalties on weights, added to the loss: L1 = l1 · Σ|w|, L2 = l2 · Σ w², and both. As in Keras; defaults 0.01.
 */

import { UserError } from '../base/errors.ts'
import { custom, number, optional, orNull, parse, record, type Schema } from '../base/schema.ts'
import { show } from '../base/show.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'

export type RegularizerConfig =
  | { readonly type: 'L1'; readonly l1: number }
  | { readonly type: 'L2'; readonly l2: number }
  | { readonly type: 'L1L2'; readonly l1: number; readonly l2: number }

/** What an option takes: `'l1'`, `'l2'`, `'l1L2'` (each with 0.01) or a configuration. */
export type Regularizer = 'l1' | 'l2' | 'l1L2' | RegularizerConfig

const penaltyFactor = number({ least: 0 })

function factorOf(
  name: 'l1' | 'l2',
  given: number | { readonly l1?: number | undefined; readonly l2?: number | undefined },
): number {
  const options = typeof given === 'number' ? { [name]: given } : given
  return parse(record({ [name]: optional(penaltyFactor, 0.01) }), options, name)[name]!
}

/** factor · Σ|w|: `l1(0.001)` or `l1({l1: 0.001})`; factor 0.01 by default. */
export const l1 = (factor: number | { l1?: number | undefined } = {}): RegularizerConfig => ({
  type: 'L1',
  l1: factorOf('l1', factor),
})
/** factor · Σ w²: `l2(0.001)` or `l2({l2: 0.001})`; factor 0.01 by default. */
export const l2 = (factor: number | { l2?: number | undefined } = {}): RegularizerConfig => ({
  type: 'L2',
  l2: factorOf('l2', factor),
})
/** l1 · Σ|w| + l2 · Σ w²; both 0 by default. */
export const l1l2 = (options: { l1?: number | undefined; l2?: number | undefined } = {}): RegularizerConfig => ({
  type: 'L1L2',
  ...parse(record({ l1: optional(penaltyFactor, 0), l2: optional(penaltyFactor, 0) }), options, 'l1l2'),
})

/** The penalty of one weight as a scalar node. */
export function penalty(graph: Graph, config: RegularizerConfig, weight: Node): Node {
  const axes = weight.shape.map((_, axis) => axis)
  const absolute = (factor: number): Node => graph.mul(graph.sum(graph.unary('abs', weight), axes), factor)
  const squared = (factor: number): Node => graph.mul(graph.sum(graph.unary('square', weight), axes), factor)
  switch (config.type) {
    case 'L1':
      return absolute(config.l1)
    case 'L2':
      return squared(config.l2)
    case 'L1L2':
      return graph.add(absolute(config.l1), squared(config.l2))
  }
}

/** Normalises a word or a configuration; throws UserError when it is neither. */
export function regularizerConfig(given: unknown): RegularizerConfig {
  const config = readRegularizer(given)
  if (config === undefined) throw new UserError({ what: 'Unknown regularizer.', expected, received: show(given) })
  return config
}

const factor = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(Math.fround(value)) && value >= 0

const expected = `"l1", "l2", "l1L2" or {type: "L2", l2: 0.0001} with factors ≥ 0`

export const regularizerField: Schema<RegularizerConfig | null> = orNull(custom(expected, readRegularizer))

function readRegularizer(value: unknown): RegularizerConfig | undefined {
  const given = (typeof value === 'string' ? { type: value } : value) as {
    type?: unknown
    l1?: unknown
    l2?: unknown
  }
  if (typeof given !== 'object' || given === null || typeof given.type !== 'string') return undefined
  const { type, l1: first = 0.01, l2: second = 0.01, ...rest } = given
  if (!factor(first) || !factor(second) || Object.keys(rest).length > 0) return undefined
  switch ((type as string).replaceAll('_', '').toLowerCase()) {
    case 'l1':
      return { type: 'L1', l1: first }
    case 'l2':
      return { type: 'L2', l2: second }
    case 'l1l2':
      return { type: 'L1L2', l1: first, l2: second }
    default:
      return undefined
  }
}
