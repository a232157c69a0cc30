/**
 * What stands at the head of networks for own pictures: bytes to −1 … 1, and in training a picture as it might as well have been taken:
 * mirrored, turned, shifted, nearer or farther, brighter or darker, with more contrast or less.
 */
import { randomZoom } from '../../layers/augmentation.ts'
import type { Layer } from '../../layers/layer.ts'
import { randomAffine } from '../../layers/random-affine.ts'
import { randomBrightness, randomContrast } from '../../layers/random-colour.ts'
import { rescaling } from '../../layers/rescaling.ts'

const valueRange = [-1, 1] as const

export function pictureAugmentation(): Layer[] {
  return [
    rescaling({ scale: 1 / 127.5, offset: -1 }),
    randomAffine({ rotation: 20, heightShift: 0.1, widthShift: 0.1, horizontalFlip: true, fillMode: 'reflect' }),
    randomZoom({ heightFactor: 0.2, fillMode: 'reflect' }),
    randomBrightness({ factor: 0.1, valueRange }),
    randomContrast({ factor: 0.2, valueRange }),
  ]
}
