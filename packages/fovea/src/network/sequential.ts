/**
 * The sequential model: layers one after the other. The first one says `inputShape` (or `input({shape})` stands before it).
 * Until that is known, asking for anything but the list of layers is an error.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import type { Layer } from '../layers/layer.ts'
import { isLayer, isTensor, type Tensor } from '../layers/tensor.ts'
import { checkInputShape } from './functional.ts'
import { assemble, type Model } from './model.ts'
import { nameLayers } from './naming.ts'

export interface Sequential extends Model {
  /** Appends a layer. Throws UserError, and leaves the model as it was, when it does not suit. */
  add(layer: Layer | Tensor): Sequential
}

/** A stack of layers. `layers` may begin with `input({shape})`. Throws UserError, with the layer's name, when one does not suit. */
export function sequential(
  layers: readonly (Layer | Tensor)[] = [],
  options: { readonly name?: string | undefined } = {},
): Sequential {
  const name = options.name ?? 'sequential'
  let stack = layers
  let built = buildStack(name, stack)
  const ready = (): Model => {
    if (built) return built
    throw new UserError({
      what: `Model '${name}' is not complete: its input shape is not known or it has no layer.`,
      expected: '`inputShape` on the first layer, or input({shape}) before it',
      fix: 'sequential([conv2d({filters: 32, kernelSize: 3, inputShape: [28, 28, 1]}), …])',
    })
  }
  const self: Sequential = {
    name,
    kind: 'sequential',
    get inputs() {
      return ready().inputs
    },
    get outputs() {
      return ready().outputs
    },
    get layers() {
      return ready().layers
    },
    get weights() {
      return ready().weights
    },
    add(layer) {
      const longer = [...stack, layer]
      built = buildStack(name, longer)
      stack = longer
      return self
    },
  }
  return self
}

function buildStack(name: string, stack: readonly (Layer | Tensor)[]): Model | undefined {
  if (!(Array.isArray(stack) && stack.every(entry => isLayer(entry) || isTensor(entry)))) {
    throw new UserError({
      what: `Model '${name}' is given something that is not a layer.`,
      expected: 'a list of layers, like sequential([flatten({inputShape: [28, 28, 1]}), dense({units: 10})])',
      received: Array.isArray(stack)
        ? `at position ${stack.findIndex(entry => !isLayer(entry) && !isTensor(entry))}`
        : 'not a list',
    })
  }
  const [first, ...rest] = stack
  if (first === undefined) return undefined
  if (rest.some(isTensor)) throw new UserError({ what: 'input({shape}) can only stand first in a sequential model.' })
  const layers = (isTensor(first) ? rest : stack) as readonly Layer[]
  const shape: Shape | undefined = isTensor(first) ? first.shape : first.inputShape
  if (new Set(layers).size < layers.length) {
    throw new UserError({
      what: 'The same layer stands twice in a sequential model.',
      fix: 'Make a second layer, or share it on purpose through the functional API.',
    })
  }
  if (shape === undefined || layers.length === 0) return undefined
  checkInputShape(shape)
  const inputName = (isTensor(first) && first.inputName) || 'input_layer'
  const named = nameLayers(layers, [inputName])
  const model = assemble({
    name,
    kind: 'sequential',
    inputs: [{ name: inputName, shape }],
    calls: layers.map((layer, index) => ({ layer: named.get(layer)!, inputs: [index] })),
    outputs: [layers.length],
  })
  checkInnerShapes(model)
  return model
}

/** A layer further on may say `inputShape` too, but it must be what arrives there. */
function checkInnerShapes({ layers }: Model): void {
  const problems = layers.flatMap(({ layer, inputShapes }) => {
    const [arriving] = inputShapes
    if (layer.inputShape === undefined || sameShape(layer.inputShape, arriving!)) return []
    return {
      what: `Layer '${layer.name}' (${layer.type}) has another inputShape than what comes from the layer before.`,
      expected: formatShape(arriving!),
      received: formatShape(layer.inputShape),
      fix: 'Leave inputShape out: only the first layer needs it.',
    }
  })
  if (problems.length > 0) throw new UserError(problems)
}
