/** All operators that are read, by the names that ONNX gives them. */
import { activationTable } from 'fovea/internal/layers/activations'
import { formulaDomain } from '../formulas.ts'
import type { NodeReader } from '../node-context.ts'
import type { OnnxNode } from '../onnx-model.ts'
import { activations, formula } from './activations.ts'
import { arithmetic } from './arithmetic.ts'
import { convolutions } from './convolution.ts'
import { products } from './dense.ts'
import { normalizationFormulas, normalizations } from './normalization.ts'
import { poolings } from './pooling.ts'
import { reductions } from './reducing.ts'
import { resizings } from './resize.ts'
import { rearrangements } from './shaping.ts'

const operators: Readonly<Record<string, NodeReader>> = {
  ...activations,
  ...arithmetic,
  ...convolutions,
  ...normalizations,
  ...poolings,
  ...products,
  ...rearrangements,
  ...reductions,
  ...resizings,
}

export function operatorOf({ op, domain }: OnnxNode): NodeReader | undefined {
  if (domain === formulaDomain) {
    if (Object.hasOwn(normalizationFormulas, op)) return normalizationFormulas[op]
    return Object.hasOwn(activationTable, op) ? formula : undefined
  }
  return domain === '' && Object.hasOwn(operators, op) ? operators[op] : undefined
}
