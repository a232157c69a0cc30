/** The layers that augment pictures by resampling them: models that were trained with them have them too, and let pictures pass. */
import { affineLayers } from './affine-layers.ts'
import { randomFlip, randomRotation, randomTranslation, randomZoom } from './augmentation.ts'

export const augmentationLayers = {
  ...affineLayers,
  RandomFlip: randomFlip,
  RandomRotation: randomRotation,
  RandomTranslation: randomTranslation,
  RandomZoom: randomZoom,
}
