/**
 * Muon (Jordan et al. 2024, as in Keras 3 with Moonlight's scale): the momentum matrix of each kernel is brought near the
 * orthogonal matrix U Vᵀ of its singular value decomposition by five Newton–Schulz iterations, all matrix products:
 * X ← a X + (b A + c A²) X with A = X Xᵀ. A convolution kernel counts as the matrix [height · width · in, filters]
 * (Keras leaves it to Adam: `convolutions: false` does that too); vectors go by Adam, and so do weights whose name contains a
 * word of `excludeLayers`, for example the output layer.
 */

import { boolean, list, nullable, number, optional, text, whole } from '../base/schema.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { OptimizerRule, Options } from './optimizer.ts'
import { epsilon, fraction, weightDecay } from './option-fields.ts'
import { adamRule, correctedRate } from './rules.ts'

export const muonRule: OptimizerRule = {
  options: {
    ...weightDecay(0.004),
    adamBeta1: optional(fraction, 0.9),
    adamBeta2: optional(fraction, 0.999),
    adamLrRatio: optional(number({ least: 0 }), 1),
    adamWeightDecay: optional(number({ least: 0 }), 0.004),
    epsilon,
    momentum: optional(fraction, 0.95),
    nesterov: optional(boolean, true),
    nsSteps: optional(whole(1, 100), 5),
    muonA: optional(number(), 3.4445),
    muonB: optional(number(), -4.775),
    muonC: optional(number(), 2.0315),
    rmsRate: optional(nullable(number({ above: 0 })), 0.2),
    convolutions: optional(boolean, true),
    excludeLayers: optional(list(text, 'parts of weight names'), []),
    // There is no embedding layer; Keras's configurations have the option.
    excludeEmbeddings: optional(boolean, true),
  },
  slots: (options, shape, name) =>
    isMatrix(options, shape, name)
      ? [{ name: 'momentum', initial: 0 }]
      : [
          { name: 'momentum', initial: 0 },
          { name: 'velocity', initial: 0, nonNegative: true },
        ],
  scalars: (options, t, learningRate) => ({
    stepSize: correctedRate(
      t,
      learningRate * options.number('adamLrRatio'),
      options.number('adamBeta1'),
      options.number('adamBeta2'),
    ),
    adamWeightDecay: options.number('adamWeightDecay') * learningRate,
  }),
  decayOf: (options, shape, name) => (isMatrix(options, shape, name) ? 'weightDecay' : 'adamWeightDecay'),
  update(graph, options, args) {
    if (!isMatrix(options, args.weight.shape, args.name)) return adamRule.update(graph, adamOptions(options), args)
    const { weight, gradient, slots, scalar } = args
    const mu = options.number('momentum')
    const momentum = graph.add(graph.mul(slots['momentum']!, mu), gradient)
    const direction = options.flag('nesterov') ? graph.add(gradient, graph.mul(momentum, mu)) : momentum
    const [rows, columns] = [sizeOf(weight.shape.slice(0, -1)), weight.shape.at(-1)!]
    const turned = graph.reshape(
      orthogonalised(graph, options, graph.reshape(direction, [rows, columns])),
      weight.shape,
    )
    const scale =
      options.config['rmsRate'] === null ? 1 : Math.sqrt(Math.max(rows, columns)) * options.number('rmsRate')
    const step = graph.mul(turned, graph.mul(scalar('learningRate'), scale))
    return { weight: graph.sub(weight, step), slots: { momentum } }
  },
}

function isMatrix(options: Options, shape: Shape, name: string): boolean {
  const excluded = options.config['excludeLayers'] as readonly string[]
  if (excluded.some(word => name.includes(word))) return false
  return shape.length === 2 || (shape.length > 2 && options.flag('convolutions'))
}

function adamOptions(options: Options): Options {
  const config = {
    beta1: options.number('adamBeta1'),
    beta2: options.number('adamBeta2'),
    epsilon: options.number('epsilon'),
  } as Record<string, number>
  return { config, number: key => config[key]!, flag: () => false }
}

/** U Vᵀ, nearly, of a matrix X = U S Vᵀ: singular values end within about 0.7 … 1.2. */
function orthogonalised(graph: Graph, options: Options, matrix: Node): Node {
  const tall = matrix.shape[0]! > matrix.shape[1]!
  const [a, b, c] = [options.number('muonA'), options.number('muonB'), options.number('muonC')]
  const norm = graph.unary('sqrt', graph.sum(graph.unary('square', matrix), [0, 1]))
  let x = graph.div(tall ? graph.transpose(matrix, [1, 0]) : matrix, graph.add(norm, 1e-7))
  for (let step = 0; step < options.number('nsSteps'); step++) {
    const gram = graph.matmul(x, x, { transposeB: true })
    const polynomial = graph.add(graph.mul(gram, b), graph.mul(graph.matmul(gram, gram), c))
    x = graph.add(graph.mul(x, a), graph.matmul(polynomial, x))
  }
  return tall ? graph.transpose(x, [1, 0]) : x
}
