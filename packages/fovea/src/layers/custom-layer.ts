/**
 * A layer of the user's own, from a formula on graph nodes. It trains like any other, because its gradient follows from the operations
 * it is made of. A saved model keeps only the name of such a layer: `loadModel` cannot make it again, but a model that is built anew
 * takes the weights back (`loadWeights`).
 */

import { checkArguments } from '../base/arguments.ts'
import {
  functionOf,
  isPlainRecord,
  list,
  optional,
  parse,
  record,
  type Schema,
  text,
  that,
  whole,
} from '../base/schema.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import type { Graph } from '../graph/builder.ts'
import { isNode, type Node } from '../graph/node.ts'
import { makeLayer, misfit, type Weights } from './definition.ts'
import { type Initializer, seededConfig } from './initializer-config.ts'
import { type LayerOptions, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'
import { weightSpec } from './weights.ts'

/** A weight of a layer of your own. */
export interface CustomWeight {
  readonly name: string
  readonly shape: Shape
  /** Default 'glorotUniform'. */
  readonly initializer?: Initializer | undefined
}

export interface CustomLayerOptions extends LayerOptions {
  /** What is learned, for an input of this shape (without the batch axis). Default nothing. */
  readonly weights?: ((inputShape: Shape) => readonly CustomWeight[]) | undefined
  /** Without the batch axis. Default: the input's shape. */
  readonly outputShape?: ((inputShape: Shape) => Shape) | undefined
}

/** `x` has the batch first; weights come by name. */
export type LayerFormula = (graph: Graph, x: Node, weights: Weights) => Node

const own = { type: text, formula: functionOf('graph, input and weights') }
const shapeFunction = functionOf('the input shape')
const ownOptions = { weights: shapeFunction, outputShape: shapeFunction }
const givenShape: Schema<Shape> = list(whole(1), 'whole numbers')
const anything = that<Initializer>('an initializer', () => true)
const weightList = list(
  record({ name: text, shape: list(whole(1), 'whole numbers'), initializer: optional(anything) }),
  'weights {name, shape, initializer}',
)

/**
 * `customLayer('Swish', (graph, x) => graph.mul(x, graph.unary('sigmoid', x)))`. Throws UserError, when the model is first run, where
 * the formula's shape is not `outputShape`.
 */
export function customLayer(type: string, formula: LayerFormula, options: CustomLayerOptions = {}): CallableLayer {
  checkArguments('customLayer', own, { type, formula })
  const { weights = () => [], outputShape = shape => shape, ...common } = Object(options) as CustomLayerOptions
  checkArguments(type, ownOptions, { weights, outputShape })
  readOptions(type, isPlainRecord(options) ? common : options, {})
  return makeLayer(common, {
    type,
    traits: { family: 'own' },
    config: {},
    weights: ([inputShape]) =>
      parse(weightList, weights(inputShape!), `The weights of ${type}`).map(
        ({ name, shape, initializer = 'glorotUniform' }) => weightSpec(name, shape, seededConfig(initializer)),
      ),
    outputShape: ([shape]) => parse(givenShape, outputShape(shape!), `outputShape of ${type}`),
    lower: ({ graph }, [x], states) => {
      const result: unknown = formula(graph, x!, states)
      if (!isNode(result))
        throw misfit(
          type,
          common.name,
          'the formula gives no node of the graph.',
          'what graph.mul(…) and the like give',
          show(result),
        )
      const promised = outputShape(x!.shape.slice(1))
      if (sameShape(result.shape.slice(1), promised)) return result
      const received = formatShape([-1, ...result.shape.slice(1)])
      throw misfit(type, common.name, 'the formula gives another shape.', formatShape([-1, ...promised]), received)
    },
  })
}
