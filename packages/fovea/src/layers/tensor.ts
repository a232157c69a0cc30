/**
 * Symbolic values: what a layer gives when it is called on what `input` or another layer gave. `dense({units: 10})(x)` and
 * `apply(dense({units: 10}), x)` are the same.
 */
import { type Problem, UserError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import type { Layer } from './layer.ts'

/** A value that a model will compute: what `input` and `apply` give. */
export interface Tensor {
  readonly kind: 'tensor'
  /** Without the batch axis. */
  readonly shape: Shape
  /** Of an input: its name, empty for an automatic one. */
  readonly inputName?: string | undefined
  /** Of a computed value: the layer and what it is called on. */
  readonly call?: { readonly layer: Layer; readonly inputs: readonly Tensor[] } | undefined
}

/** A layer as its factory makes it: it can be called on a value, or on several (Add, Concatenate). */
export interface CallableLayer extends Layer {
  /** Throws UserError, with the layer's name, when they do not suit. */
  (inputs: Tensor | readonly Tensor[]): Tensor
}

/** The layer as a function with the record's members. Copies of it are records again. */
export function callable(record: Layer): CallableLayer {
  const layer = ((inputs: Tensor | readonly Tensor[]) => apply(layer, inputs)) as CallableLayer
  // A function has a name of its own, which cannot be assigned to.
  return Object.defineProperties(layer, Object.getOwnPropertyDescriptors(record))
}

/** Calls a layer on one value or several (Add, Concatenate). Throws UserError, with the layer's name, when they do not suit. */
export function apply(layer: Layer, inputs: Tensor | readonly Tensor[]): Tensor {
  const list = isTensor(inputs) ? [inputs] : inputs
  if (!isLayer(layer))
    throw new UserError({ what: 'What is applied is not a layer.', expected: 'apply(dense({…}), x)' })
  if (!(Array.isArray(list) && list.every(isTensor))) {
    throw new UserError({
      what: `${layer.type} is applied to something that is not a tensor.`,
      expected: 'what input({shape}) or apply(…) gave, or a list of them',
    })
  }
  checkArriving(layer, list)
  try {
    return { kind: 'tensor', shape: layer.outputShape(list.map(x => x.shape)), call: { layer, inputs: list } }
  } catch (error) {
    if (error instanceof UserError) throw new UserError(namedProblems(layer, error))
    throw error
  }
}

/** A layer may say `inputShape` here too, but it must be what arrives. */
function checkArriving({ type, name, inputShape }: Layer, [first]: readonly Tensor[]): void {
  if (inputShape === undefined || first === undefined || sameShape(inputShape, first.shape)) return
  throw new UserError({
    what: `Layer ${name === '' ? type : `'${name}' (${type})`} has another inputShape than what it is applied to.`,
    expected: formatShape(first.shape),
    received: formatShape(inputShape),
    fix: 'Leave inputShape out: input({shape}) says it.',
  })
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'tensor'
}

export function isLayer(value: unknown): value is Layer {
  return typeof Object(value).lower === 'function'
}

/** The problems of an error thrown by a layer, each beginning with the layer it belongs to. */
export function namedProblems(layer: Layer, error: UserError): Problem[] {
  const name = layer.name === '' ? layer.type : `'${layer.name}' (${layer.type})`
  // What the layer says of itself ("Conv2D: …") is said already.
  const own = new RegExp(`^${layer.type}(?: "[^"]*")?:? `)
  return error.problems.map(problem => ({ ...problem, what: `Layer ${name}: ${problem.what.replace(own, '')}` }))
}
