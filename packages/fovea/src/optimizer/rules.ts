/**
 * The update rules, with Keras 3's formulas and defaults. Notation: w weight, g gradient, t step from 1, η learning rate;
 * m, v … slots. A moment is updated as m + (g − m)(1 − β), which rounds less than β m + (1 − β) g.
 */

import { pow } from '../base/math.ts'
import { boolean, number, optional } from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { OptimizerRule, Slot } from './optimizer.ts'
import { epsilon, fraction, moments, momentum, rate, weightDecay } from './option-fields.ts'

const zero = (name: string): Slot => ({ name, initial: 0 })
const zeroUpwards = (name: string): Slot => ({ name, initial: 0, nonNegative: true })
const square = (graph: Graph, x: Node): Node => graph.unary('square', x)
const root = (graph: Graph, x: Node): Node => graph.unary('sqrt', x)

/** x + (target − x)(1 − β). */
function towards(graph: Graph, x: Node, target: Node, beta: number): Node {
  return graph.add(x, graph.mul(graph.sub(target, x), 1 - beta))
}

/** β x + (1 − β) target: the form Keras writes for RMSprop and Adadelta. */
function blend(graph: Graph, x: Node, target: Node, beta: number): Node {
  return graph.add(graph.mul(x, beta), graph.mul(target, 1 - beta))
}

/** w ← w − η g; with momentum μ: m ← μ m − η g, w ← w + m; Nesterov: w ← w + μ m − η g. */
export const sgdRule: OptimizerRule = {
  options: { ...rate(0.01), momentum: optional(momentum, 0), nesterov: optional(boolean, false) },
  slots: options => (options.number('momentum') === 0 ? [] : [zero('momentum')]),
  update(graph, options, { weight, gradient, slots, scalar }) {
    const step = graph.mul(gradient, scalar('learningRate'))
    const momentum = options.number('momentum')
    if (momentum === 0) return { weight: graph.sub(weight, step), slots: {} }
    const m = graph.sub(graph.mul(slots['momentum']!, momentum), step)
    const move = options.flag('nesterov') ? graph.sub(graph.mul(m, momentum), step) : m
    return { weight: graph.add(weight, move), slots: { momentum: m } }
  },
}

/** v ← ρ v + (1 − ρ) g², w ← w − η g / √(v + ε); centered: v less the squared mean of g; momentum on the step. */
export const rmspropRule: OptimizerRule = {
  options: {
    rho: optional(fraction, 0.9),
    momentum: optional(momentum, 0),
    epsilon,
    centered: optional(boolean, false),
  },
  slots: options => [
    zeroUpwards('velocity'),
    ...(options.number('momentum') > 0 ? [zero('momentum')] : []),
    ...(options.flag('centered') ? [zero('averageGradient')] : []),
  ],
  update(graph, options, { weight, gradient, slots, scalar }) {
    const rho = options.number('rho')
    const velocity = blend(graph, slots['velocity']!, square(graph, gradient), rho)
    const mean = options.flag('centered') ? blend(graph, slots['averageGradient']!, gradient, rho) : undefined
    const spread = mean === undefined ? velocity : graph.sub(velocity, square(graph, mean))
    const denominator = root(graph, graph.add(spread, options.number('epsilon')))
    const step = graph.div(graph.mul(gradient, scalar('learningRate')), denominator)
    const kept = { velocity, ...(mean === undefined ? {} : { averageGradient: mean }) }
    if (options.number('momentum') === 0) return { weight: graph.sub(weight, step), slots: kept }
    const momentum = graph.add(graph.mul(slots['momentum']!, options.number('momentum')), step)
    return { weight: graph.sub(weight, momentum), slots: { ...kept, momentum } }
  },
}

/** m, v moments of g; w ← w − α m / (√v + ε), α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ); AMSGrad: the largest v so far. */
export const adamRule: OptimizerRule = {
  options: { ...moments, amsgrad: optional(boolean, false) },
  slots: options => [
    zero('momentum'),
    zeroUpwards('velocity'),
    ...(options.flag('amsgrad') ? [zeroUpwards('largestVelocity')] : []),
  ],
  scalars: (options, t, learningRate) => ({
    stepSize: correctedRate(t, learningRate, options.number('beta1'), options.number('beta2')),
  }),
  update(graph, options, { weight, gradient, slots, scalar }) {
    const momentum = towards(graph, slots['momentum']!, gradient, options.number('beta1'))
    const velocity = towards(graph, slots['velocity']!, square(graph, gradient), options.number('beta2'))
    const largest = options.flag('amsgrad') ? graph.max(slots['largestVelocity']!, velocity) : undefined
    const denominator = graph.add(root(graph, largest ?? velocity), options.number('epsilon'))
    const step = graph.div(graph.mul(momentum, scalar('stepSize')), denominator)
    const kept = { momentum, velocity, ...(largest === undefined ? {} : { largestVelocity: largest }) }
    return { weight: graph.sub(weight, step), slots: kept }
  },
}

/** Adam's step size with the corrections for moments that begin at zero. */
export function correctedRate(t: number, learningRate: number, beta1: number, beta2: number): number {
  return (learningRate * Math.sqrt(1 - pow(beta2, t))) / (1 - pow(beta1, t))
}

/** Adam with weight decay 0.004. */
export const adamwRule: OptimizerRule = { ...adamRule, options: { ...adamRule.options, ...weightDecay(0.004) } }

/** u ← max(β₂ u, |g|); w ← w − η / (1 − β₁ᵗ) · m / (u + ε). */
export const adamaxRule: OptimizerRule = {
  options: moments,
  slots: () => [zero('momentum'), zeroUpwards('largestGradient')],
  scalars: (options, t, learningRate) => ({
    stepSize: learningRate / (1 - pow(options.number('beta1'), t)),
  }),
  update(graph, options, { weight, gradient, slots, scalar }) {
    const momentum = towards(graph, slots['momentum']!, gradient, options.number('beta1'))
    const decayed = graph.mul(slots['largestGradient']!, options.number('beta2'))
    const largestGradient = graph.max(decayed, graph.unary('abs', gradient))
    const denominator = graph.add(largestGradient, options.number('epsilon'))
    const step = graph.div(graph.mul(momentum, scalar('stepSize')), denominator)
    return { weight: graph.sub(weight, step), slots: { momentum, largestGradient } }
  },
}

/** Adam with Nesterov's look-ahead: βₜ = β₁ (1 − 0.5 · 0.96ᵗ), Uₜ = Π βᵢ. */
export const nadamRule: OptimizerRule = {
  options: moments,
  slots: () => [zero('momentum'), zeroUpwards('velocity')],
  scalars: (options, t, learningRate) => {
    const beta = (step: number) => options.number('beta1') * (1 - 0.5 * pow(0.96, step))
    let product = 1
    // Below 1e-20 the product no longer changes 1 − product.
    for (let step = 1; step <= t && product > 1e-20; step++) product *= beta(step)
    const rate = learningRate * Math.sqrt(1 - pow(options.number('beta2'), t))
    return {
      // Both carry √(1 − β₂ᵗ), so that the denominator is √v + ε √(1 − β₂ᵗ).
      momentumStep: (rate * beta(t + 1)) / (1 - product * beta(t + 1)),
      gradientStep: (rate * (1 - beta(t))) / (1 - product),
      epsilon: options.number('epsilon') * Math.sqrt(1 - pow(options.number('beta2'), t)),
    }
  },
  update(graph, options, { weight, gradient, slots, scalar }) {
    const momentum = towards(graph, slots['momentum']!, gradient, options.number('beta1'))
    const velocity = towards(graph, slots['velocity']!, square(graph, gradient), options.number('beta2'))
    const direction = graph.add(
      graph.mul(momentum, scalar('momentumStep')),
      graph.mul(gradient, scalar('gradientStep')),
    )
    const step = graph.div(direction, graph.add(root(graph, velocity), scalar('epsilon')))
    return { weight: graph.sub(weight, step), slots: { momentum, velocity } }
  },
}

/** a ← a + g², w ← w − η g / √(a + ε). */
export const adagradRule: OptimizerRule = {
  options: { initialAccumulatorValue: optional(number({ least: 0 }), 0.1), epsilon },
  slots: options => [{ name: 'accumulator', initial: options.number('initialAccumulatorValue'), nonNegative: true }],
  update(graph, options, { weight, gradient, slots, scalar }) {
    const accumulator = graph.add(slots['accumulator']!, square(graph, gradient))
    const denominator = root(graph, graph.add(accumulator, options.number('epsilon')))
    const step = graph.div(graph.mul(gradient, scalar('learningRate')), denominator)
    return { weight: graph.sub(weight, step), slots: { accumulator } }
  },
}

/** Step = √(d + ε) / √(a + ε) · g, with a and d running means of g² and of the squared steps. */
export const adadeltaRule: OptimizerRule = {
  options: { rho: optional(fraction, 0.95), epsilon },
  slots: () => [zeroUpwards('accumulatedGradient'), zeroUpwards('accumulatedDelta')],
  update(graph, options, { weight, gradient, slots, scalar }) {
    const rho = options.number('rho')
    const rms = (x: Node) => root(graph, graph.add(x, options.number('epsilon')))
    const accumulatedGradient = blend(graph, slots['accumulatedGradient']!, square(graph, gradient), rho)
    const delta = graph.div(graph.mul(rms(slots['accumulatedDelta']!), gradient), rms(accumulatedGradient))
    const accumulatedDelta = blend(graph, slots['accumulatedDelta']!, square(graph, delta), rho)
    const step = graph.mul(delta, scalar('learningRate'))
    return { weight: graph.sub(weight, step), slots: { accumulatedGradient, accumulatedDelta } }
  },
}

/** w ← w − η sign(β₁ m + (1 − β₁) g), m ← β₂ m + (1 − β₂) g. */
export const lionRule: OptimizerRule = {
  options: { beta1: optional(fraction, 0.9), beta2: optional(fraction, 0.99) },
  slots: () => [zero('momentum')],
  update(graph, options, { weight, gradient, slots, scalar }) {
    const direction = graph.unary('sign', blend(graph, slots['momentum']!, gradient, options.number('beta1')))
    const momentum = blend(graph, slots['momentum']!, gradient, options.number('beta2'))
    return { weight: graph.sub(weight, graph.mul(direction, scalar('learningRate'))), slots: { momentum } }
  },
}
