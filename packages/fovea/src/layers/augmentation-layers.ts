/** The layers that augment pictures by moving and lighting them: models that were trained with them have them too, and let pictures pass. */
import { affineLayers } from './affine-layers.ts'
import { randomFlip, randomRotation, randomTranslation, randomZoom } from './augmentation.ts'
import { randomBrightness, randomContrast } from './random-colour.ts'

export const augmentationLayers = {
  ...affineLayers,
  RandomBrightness: randomBrightness,
  RandomContrast: randomContrast,
  RandomFlip: randomFlip,
  RandomRotation: randomRotation,
  RandomTranslation: randomTranslation,
  RandomZoom: randomZoom,
}
