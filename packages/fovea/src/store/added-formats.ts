/** Formats of models that a program adds to those which the library knows. */
import { checkArguments, shaped } from '../base/arguments.ts'
import { list } from '../base/schema.ts'
import { keepFormats, type ModelFormat } from './model-formats.ts'

const format = shaped<ModelFormat>('a format {name, endings, matches, read}', 'endings[]', 'matches', 'read')

/**
 * Models of these formats are loaded and saved from now on, by `loadModel`, `loadPredictor`, `save` and all others: `addModelFormats(
 * ...modelFormats)` with those of `@fovea/formats`. In Node they are found where the package is installed. A format of a name that is
 * known already takes its place.
 */
export function addModelFormats(...formats: readonly ModelFormat[]): void {
  checkArguments('addModelFormats', { formats: list(format, 'formats') }, { formats })
  keepFormats(formats)
}
