/**
 * Grad-CAM: where in the picture a convolution's maps speak for a class. Source: Selvaraju et al., Grad-CAM (2017):
 * α_c = mean over pixels of ∂score/∂A_c, map = relu(Σ_c α_c A_c).
 */

import { checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { show } from '../base/show.ts'
import { type AskedClass, type AskedPicture, askedPicture, classNumber } from './asked-picture.ts'
import { type LayerValue, layerValue, type OpenModel, openedModel } from './open-model.ts'
import { type MapOfPicture, mapOfPicture, type Plane, planeFrom } from './plane.ts'

/** The map of a layer with pictures ([H, W, C]), before any scaling: H × W numbers ≥ 0. */
export function gradCam(value: LayerValue, gradient: LayerValue): Plane {
  checkArguments('gradCam', { value: layerValue, gradient: layerValue }, { value, gradient })
  const [height, width, channels] = pictureShape(value)
  const pixels = height * width
  const weights = new Float64Array(channels)
  for (let index = 0; index < gradient.data.length; index++)
    weights[index % channels]! += gradient.data[index]! / pixels
  return planeFrom(height, width, (row, column) => {
    const start = (row * width + column) * channels
    const sum = weights.reduce((total, weight, channel) => total + weight * value.data[start + channel]!, 0)
    return Math.max(sum, 0)
  })
}

/**
 * Of the named layer, by default the last one that gives pictures of more than one pixel. A picture of another size is made to fit, as
 * `classify` does; the map is then one of `opened.fitting(picture)`.
 */
export async function gradCamOf(
  opened: OpenModel,
  picture: AskedPicture,
  classIndex: AskedClass,
  layer?: string,
): Promise<{ readonly layer: string; readonly map: MapOfPicture }> {
  checkArguments('gradCamOf', { opened: openedModel, picture: askedPicture }, { opened, picture })
  classNumber(opened.classNames, classIndex, opened.classes)
  const values = await opened.look(picture)
  const index = layer === undefined ? lastPictures(values) : values.findIndex(value => value.layer === layer)
  const gradient = (await opened.scoreGradients(picture, classIndex))[index]
  if (index < 0 || !gradient) {
    throw new UserError({
      what: layer === undefined ? 'The model has no layer that gives pictures.' : `There is no layer ${show(layer)}.`,
      expected: values.map(value => value.layer).join(', '),
    })
  }
  return {
    layer: values[index]!.layer,
    map: mapOfPicture(gradCam(values[index]!, gradient), opened.model.inputs[0]!.shape),
  }
}

/** The deepest convolution of some extent: its maps still know where things are. */
function lastPictures(values: readonly LayerValue[]): number {
  return values.findLastIndex(
    ({ family, shape }) => family === 'convolution' && shape.length === 3 && shape[0]! * shape[1]! > 1,
  )
}

function pictureShape({ layer, shape }: LayerValue): readonly [number, number, number] {
  if (shape.length === 3) return shape as unknown as readonly [number, number, number]
  throw new UserError({
    what: `${layer} gives no pictures.`,
    expected: 'a layer with height, width and channels',
    received: `shape ${shape.join('×')}`,
  })
}
