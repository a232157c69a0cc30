/** A classifier as one JavaScript file: the module is in it, as text. `fovea export` puts it in place of the words between signs. */
import { fromBase64 } from 'fovea/internal/base/base64'
import { type ClassifierAbout, classifierOf, loadClassifier } from './classifier.ts'

export { classifierOf, loadClassifier }

/** In base64. */
const module = '%FOVEA_MODULE%'
const description = '%FOVEA_ABOUT%'

export const about = JSON.parse(new TextDecoder().decode(fromBase64(description))) as ClassifierAbout
export const { classNames } = about

let started: ReturnType<typeof loadClassifier> | undefined
/** Compiled with the first picture. */
function own(): ReturnType<typeof loadClassifier> {
  started ??= loadClassifier(fromBase64(module))
  return started
}

export const classify = async (picture: unknown, options?: { readonly top?: number }) =>
  (await own()).classify(picture, options)
export const probabilities = async (pixels: ArrayLike<number>) => (await own()).probabilities(pixels)
