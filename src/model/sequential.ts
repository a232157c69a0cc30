/**
 * The sequential model: layers one after the other. The first one says `inputShape` (or `input({shape})` stands before it).
 * Until that is known, asking for anything but the list of layers is an error.
 */
import { UserError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'
import type { Layer } from '../layers/layer.ts'
import { checkInputShape, isTensor, type Tensor } from './functional.ts'
import { assemble, type Model } from './model.ts'
import { nameLayers } from './naming.ts'

export interface Sequential extends Model {
  /** Appends a layer. Throws UserError, and leaves the model as it was, when it does not suit. */
  add(layer: Layer | Tensor): Sequential
}

/** A stack of layers. `layers` may begin with `input({shape})`. Throws UserError, with the layer's name, when one does not suit. */
export function sequential(
  layers: readonly (Layer | Tensor)[] = [],
  options: { readonly name?: string } = {},
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
  return assemble({
    name,
    kind: 'sequential',
    inputs: [{ name: inputName, shape }],
    calls: layers.map((layer, index) => ({ layer: named.get(layer)!, inputs: [index] })),
    outputs: [layers.length],
  })
}
