/**
 * Derivatives of the element-wise functions, a formula each: x operand, y result, dy the result's adjoint (thin, see adjoint.ts).
 * They use y where that spares keeping x. `flat` functions have derivative 0 wherever they have one.
 */
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { BinaryFn, UnaryFn } from '../graph/ops.ts'
import { negate } from './adjoint.ts'

type UnaryDerivative = (graph: Graph, dy: Node, x: Node, y: Node) => Node
type BinaryDerivative = (graph: Graph, dy: Node, a: Node, b: Node, y: Node) => Node

/** dx of y = f(x). */
export const unaryDerivatives: { readonly [F in UnaryFn]: UnaryDerivative | 'flat' } = {
  neg: (g, dy) => negate(g, dy), // −dy
  abs: (g, dy, x) => g.mul(dy, g.unary('sign', x)), // dy sign x
  sign: 'flat',
  square: (g, dy, x) => g.mul(g.mul(dy, 2), x), // 2 x dy
  sqrt: (g, dy, _, y) => g.div(g.mul(dy, 0.5), y), // dy / 2y
  reciprocal: (g, dy, _, y) => negate(g, g.mul(dy, g.unary('square', y))), // −dy y²
  floor: 'flat',
  exp: (g, dy, _, y) => g.mul(dy, y), // dy y
  expm1: (g, dy, _, y) => g.mul(dy, g.add(y, 1)), // dy (y + 1)
  log: (g, dy, x) => g.div(dy, x), // dy / x
  log1p: (g, dy, x) => g.div(dy, g.add(x, 1)), // dy / (1 + x)
  tanh: (g, dy, _, y) => g.mul(dy, g.sub(1, g.unary('square', y))), // dy (1 − y²)
  sigmoid: (g, dy, _, y) => g.mul(dy, g.mul(y, g.sub(1, y))), // dy y (1 − y)
  erf: (g, dy, x) => gaussian(g, dy, x, 1), // dy 2/√π exp(−x²)
  normalCdf: (g, dy, x) => gaussian(g, dy, x, 0.5), // dy 1/√(2π) exp(−x²/2)
  sin: (g, dy, x) => g.mul(dy, g.unary('cos', x)), // dy cos x
  cos: (g, dy, x) => negate(g, g.mul(dy, g.unary('sin', x))), // −dy sin x
  relu: (g, dy, _, y) => g.select(g.binary('less', 0, y), dy, 0), // dy where y > 0; 0 at 0
  elu: (g, dy, _, y) => g.mul(dy, g.add(g.min(y, 0), 1)), // dy (min(y, 0) + 1)
}

/** [da, db] of y = f(a, b), before summing back over broadcast axes. At a tie of max or min the first operand gets it all. */
export const binaryDerivatives: { readonly [F in BinaryFn]: readonly [BinaryDerivative, BinaryDerivative] | 'flat' } = {
  add: [(_, dy) => dy, (_, dy) => dy], // dy, dy
  sub: [(_, dy) => dy, (g, dy) => negate(g, dy)], // dy, −dy
  mul: [(g, dy, _, b) => g.mul(dy, b), (g, dy, a) => g.mul(dy, a)], // dy b, dy a
  div: [
    (g, dy, _, b) => g.div(dy, b), // dy / b
    (g, dy, _, b, y) => negate(g, g.mul(g.div(dy, b), y)), // −dy y / b
  ],
  max: [
    (g, dy, a, b) => g.select(g.binary('lessEqual', b, a), dy, 0), // dy where a ≥ b
    (g, dy, a, b) => g.select(g.binary('less', a, b), dy, 0), // dy where b > a
  ],
  min: [
    (g, dy, a, b) => g.select(g.binary('lessEqual', a, b), dy, 0), // dy where a ≤ b
    (g, dy, a, b) => g.select(g.binary('less', b, a), dy, 0), // dy where b < a
  ],
  pow: [
    (g, dy, a, b) => g.mul(g.mul(dy, b), g.binary('pow', a, g.sub(b, 1))), // dy b a^(b − 1)
    // dy y log a; at a = 0 the limit 0, where log a has none.
    (g, dy, a, _, y) => g.select(g.binary('less', 0, a), g.mul(dy, g.mul(y, g.unary('log', a))), 0),
  ],
  equal: 'flat',
  less: 'flat',
  lessEqual: 'flat',
}

/** dy c exp(−sharpness x²): the slope of erf (sharpness 1) and of the normal distribution (½). */
function gaussian(g: Graph, dy: Node, x: Node, sharpness: 0.5 | 1): Node {
  const height = sharpness === 1 ? 2 / Math.sqrt(Math.PI) : 1 / Math.sqrt(2 * Math.PI)
  return g.mul(g.mul(dy, height), g.unary('exp', g.mul(g.unary('square', x), -sharpness)))
}
