/** The words of looking into models that both entries (Node and browser) offer alike. They give numbers and pictures: anyone may draw them their way. */

export type { AskedClass, AskedPicture } from './asked-picture.ts'
export type { ConvolutionByHand } from './convolution-by-hand.ts'
export { convolutionByHand } from './convolution-by-hand.ts'
export {
  channelPlanes,
  colourFilters,
  filterPlanes,
  gradientPicture,
  heatOver,
  mosaic,
  planePicture,
  stretchPlane,
} from './drawing.ts'
export type { FilterOptions, FilterPadding, OutputTerms, PoolFn } from './filter.ts'
export { filterPlane, poolPlane, termsAt } from './filter.ts'
export { planeInColour, planeToPicture } from './filter-picture.ts'
export { gradCam, gradCamOf } from './grad-cam.ts'
export type { GradientTarget } from './guided-gradients.ts'
export { guidedGradient } from './guided-gradients.ts'
export type { KernelName } from './kernels.ts'
export { kernelNames, namedKernel } from './kernels.ts'
export type { OcclusionMap, OcclusionOptions } from './occlusion.ts'
export { occlusion, occlusionByPixel } from './occlusion.ts'
export type { LayerValue, Openable, OpenModel } from './open-model.ts'
export type { Colour, GridOptions } from './picture-grid.ts'
export { enlarged, outlined, pictureGrid } from './picture-grid.ts'
export type { ChannelName, MapOfPicture, Plane } from './plane.ts'
export { channelPlane, planeFrom, planeFromText, rowsOf, valueAt } from './plane.ts'
export type { ReceptiveField, Rectangle } from './receptive-field.ts'
export { receptiveField } from './receptive-field.ts'
export { movedPictures, turnedPictures } from './shift.ts'
export type { FilterPatches, Patch, StrongestPatchesOptions } from './strongest-patches.ts'
export { strongestPatches } from './strongest-patches.ts'
