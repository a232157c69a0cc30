/** What an ONNX file says beside its graph: who wrote it, the classes, how pictures are prepared. */
import type { Model } from 'fovea/internal/network/model'
import type { ModelFile } from 'fovea/internal/store/model-file'
import { metadataKeys, type TurnedAxes } from '../metadata.ts'
import type { OnnxOptions } from './onnx-options.ts'

/** The version is the one of all packages. */
export const producer = { name: 'fovea', version: '0.1.0' }

/** As JSON. `channelsFirst`: of which inputs and outputs the axes are turned. `names` is where other programs look for the classes: by their numbers. */
export function writtenMetadata(
  { classNames, preprocess }: ModelFile,
  channelsFirst: TurnedAxes,
): Record<string, string> {
  const entries = {
    [metadataKeys.classNames]: classNames,
    [metadataKeys.preprocess]: preprocess,
    [metadataKeys.channelsFirst]: { inputs: [...channelsFirst.inputs], outputs: [...channelsFirst.outputs] },
    names: classNames && Object.fromEntries(classNames.entries()),
  }
  const known = Object.entries(entries).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known.map(([key, value]) => [key, JSON.stringify(value)]))
}

/** A sentence or two for whoever opens the file. */
export function toPeople({ classNames, preprocess }: ModelFile, model: Model, layout: OnnxOptions['layout']): string {
  const kind = classNames === undefined ? 'A network' : `A classifier of ${classNames.length} classes`
  const axes = layout === 'nchw' ? 'channels, rows, columns' : 'rows, columns, channels'
  const pictures =
    preprocess === undefined
      ? ''
      : ` Pictures go in as numbers from 0 to 255 (batch, ${axes}), prepared as the metadata "fovea.preprocess" says.`
  return `${kind} called ${model.name}, written by Fovea.${pictures}`
}
