/**
 * Occlusion: how the probability of a class changes when a grey patch covers a part of the picture. Source: Zeiler & Fergus,
 * Visualizing and Understanding Convolutional Networks (2013).
 */
import { checkArguments, fits } from '../base/arguments.ts'
import { optional, parse, record, that, whole } from '../base/schema.ts'
import { type AskedClass, type AskedPicture, askedPicture, classNumber, pixelsOf } from './asked-picture.ts'
import { type OpenModel, openedModel } from './open-model.ts'
import { type MapOfPicture, mapOfPicture, planeFrom, planeValue, valueAt } from './plane.ts'

const { ceil, floor, max, min, round } = Math

/** What `occlusion` takes. */
export interface OcclusionOptions {
  /** Side of the patch in pixels. Default: a quarter of the shorter side. */
  readonly patch?: number | undefined
  /**
   * Pixels from position to position. Default: a quarter of the patch, at least 1, which gives a square some 13 × 13 positions; of
   * pictures larger than 64 pixels, whose every position costs more, half of it: 7 × 7.
   */
  readonly stride?: number | undefined
}

/** What covering a part of the picture takes from the probability of a class. */
export interface OcclusionMap {
  /** For every position of the patch, what covering it took from the probability (negative where it helped). */
  readonly drops: MapOfPicture
  readonly patch: number
  readonly stride: number
  readonly probability: number
}

const fields = { patch: optional(whole(1)), stride: optional(whole(1)) }

/**
 * What covering a part of the picture, as the model takes it, takes from the class's probability. The patch has
 * the picture's mean in each channel. Throws UserError for a class that is not there.
 */
export async function occlusion(
  opened: OpenModel,
  asked: AskedPicture,
  classIndex: AskedClass,
  options: OcclusionOptions = {},
): Promise<OcclusionMap> {
  checkArguments('occlusion', { opened: openedModel, picture: askedPicture }, { opened, picture: asked })
  const chosen = parse(record(fields), options, 'occlusion')
  const picture = pixelsOf(opened, asked)
  const chosenClass = classNumber(opened.classNames, classIndex, opened.classes)
  const [height, width, channels] = opened.model.inputs[0]!.shape as readonly [number, number, number]
  const patch = min(chosen.patch ?? max(1, round(min(height, width) / 4)), height, width)
  const stride = chosen.stride ?? max(1, floor(patch / (min(height, width) > 64 ? 2 : 4)))
  const means = new Float64Array(channels)
  for (let index = 0; index < picture.length; index++) means[index % channels]! += picture[index]! / (height * width)
  const [rows, columns] = [height, width].map(extent => floor((extent - patch) / stride) + 1) as [number, number]
  const coveredAt = (position: number): Float32Array => {
    const [top, left] = [floor(position / columns) * stride, (position % columns) * stride]
    const copy = Float32Array.from(picture)
    for (let row = top; row < top + patch; row++) {
      for (let column = left; column < left + patch; column++) copy.set(means, (row * width + column) * channels)
    }
    return copy
  }
  const probability = (await opened.predict([picture]))[0]![chosenClass]!
  const parts: Float64Array[] = []
  // A batch at a time: 169 copies of a large picture need not lie in memory together.
  while (parts.length < rows * columns) {
    const count = min(opened.batch, rows * columns - parts.length)
    const first = parts.length
    const covered = Array.from({ length: count }, (_, index) => coveredAt(first + index))
    for (const part of await opened.predict(covered)) parts.push(part)
  }
  const dropAt = (row: number, column: number) => probability - parts[row * columns + column]![chosenClass]!
  const drops = mapOfPicture(planeFrom(rows, columns, dropAt), [height, width])
  return { drops, patch, stride, probability }
}

const mapValue = that<OcclusionMap>('what occlusion gave', value => {
  const { drops, patch, stride } = Object(value) as Partial<OcclusionMap>
  return fits(planeValue, drops) && fits(whole(1), patch) && fits(whole(1), stride)
})

/** For every pixel of the picture the mean drop of the patches that covered it: drawn where it was measured. */
export function occlusionByPixel(map: OcclusionMap, height: number, width: number): MapOfPicture {
  checkArguments('occlusionByPixel', { map: mapValue }, { map })
  const { drops, patch, stride } = map
  const positions = (at: number, count: number): readonly [number, number] => [
    max(0, ceil((at - patch + 1) / stride)),
    min(count - 1, floor(at / stride)),
  ]
  const byPixel = planeFrom(height, width, (row, column) => {
    const [top, bottom] = positions(row, drops.height)
    const [left, right] = positions(column, drops.width)
    let [sum, count] = [0, 0]
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++, count++) sum += valueAt(drops, y, x)
    }
    return count === 0 ? 0 : sum / count
  })
  return mapOfPicture(byPixel, [height, width])
}
