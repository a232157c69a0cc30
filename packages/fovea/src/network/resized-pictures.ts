/**
 * A network that works on its pictures at another size. In: a network whose weights belong to no place of the picture (it pools the picture
 * as a whole). Out: the same layers under the same names, with a Resizing layer in front of the first one that has weights: behind
 * augmentation, whose crops and shifts are of the whole picture. So the weights of the one are those of the other.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { resizing } from '../layers/resizing.ts'
import { assemble, layersOf, type Model } from './model.ts'
import { freeName } from './naming.ts'

export type PictureSize = readonly [height: number, width: number]

/** Throws UserError for a network that has other weights, or other outputs, at this size. */
export function withResizedPictures(model: Model, size: PictureSize): Model {
  const weighed = new Set(model.weights.map(({ layer }) => layer))
  const at = model.layers.findIndex(({ layer }) => weighed.has(layer.name))
  const shape = model.layers[at]?.inputShapes[0]
  if (shape?.length !== 3) throw unsuited(model, size, 'its first weights are not of pictures')
  const resized = resizedAt(model, size, at)
  const weight = model.weights.find((own, index) => !sameShape(own.shape, resized.weights[index]!.shape))
  if (weight) {
    const { shape: other } = resized.weights.find(({ name }) => name === weight.name)!
    const shapes = `${formatShape(weight.shape)} would be ${formatShape(other)}`
    throw unsuited(model, size, `its weight '${weight.name}' belongs to places of the picture: ${shapes}`)
  }
  const output = model.outputs.find((own, index) => !sameShape(own.shape, resized.outputs[index]!.shape))
  if (output) throw unsuited(model, size, `its output '${output.name}' is one of places of the picture`)
  return resized
}

/** With the layer before this call: all later calls read the resized picture instead. */
function resizedAt(model: Model, size: PictureSize, at: number): Model {
  const first = model.inputs.length
  const picture = model.layers[at]!.inputs[0]!
  const place = first + at
  const taken = new Set([...model.inputs, ...layersOf(model)].map(({ name }) => name))
  const [height, width] = size
  const layer = { ...resizing({ height, width }), name: freeName('resizing', taken, new Map()) }
  const moved = (value: number): number => (value < place ? value : value + 1)
  const behind = (value: number): number => (value === picture ? place : moved(value))
  try {
    return assemble({
      name: model.name,
      kind: model.kind,
      inputs: model.inputs,
      calls: [
        ...model.layers.slice(0, at),
        { layer, inputs: [picture] },
        ...model.layers.slice(at).map(call => ({ layer: call.layer, inputs: call.inputs.map(behind) })),
      ],
      outputs: model.outputs.map(({ value }) => moved(value)),
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw unsuited(model, size, error.problems.map(({ what }) => what).join(' '))
  }
}

function unsuited({ name }: Model, [height, width]: PictureSize, why: string): UserError {
  return new UserError({
    what: `Network '${name}' cannot be trained on pictures of ${height} × ${width}`,
    expected: 'a network whose weights suit pictures of every size',
    received: why,
    fix: 'pool the picture as a whole before dense layers, with globalAveragePooling2d(), or leave out sizes',
  })
}
