/** The layer that augments by any of the usual moves at once. */
import { randomAffine } from './random-affine.ts'

export const affineLayers = { RandomAffine: randomAffine }
