/**
 * What Teachable Machine says of a picture model, in `metadata.json` beside it: the names of the classes, the side of its pictures, whether
 * they are grey. Its own page draws a picture so that the shorter side fits and the middle shows, and gives the model x / 127 − 1
 * (`libraries/image/src/utils/tf.ts` of teachablemachine-community).
 */
import { UserError } from 'fovea/internal/base/errors'
import type { JsonRecord } from 'fovea/internal/base/json'
import type { ModelConfig } from 'fovea/internal/network/saved-config'
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { jsonRecordOf, listMember, textMember } from '../containers/json-text.ts'
import { withRescaling } from '../keras/rescaled-head.ts'

const [scale, offset] = [1 / 127, -1]

/** Unchanged where no such file lies beside it. */
export async function taughtByTeachableMachine(file: ModelFile, { beside, source }: OpenedFile): Promise<ModelFile> {
  const bytes = await beside('metadata.json')
  if (!bytes) return file
  const metadata = jsonRecordOf(bytes, 'metadata.json')
  if (textMember(metadata, 'tmVersion') === undefined) return file
  const classNames = (listMember(metadata, 'labels') ?? []).filter(label => typeof label === 'string')
  const config = file.model as unknown as ModelConfig
  const units = file.weights.at(-1)?.shape.at(-1)
  if (classNames.length !== units)
    throw new UserError({
      what: `metadata.json beside ${source} is of another model.`,
      expected: `the names of ${units} classes`,
      received: `${classNames.length}: ${classNames.slice(0, 10).join(', ')}`,
    })
  const named = { ...file, classNames }
  const [input, ...others] = config.inputs
  const [height, width, channels] = input?.shape ?? []
  // Poses and sounds are no pictures.
  const isOfPictures = (textMember(metadata, 'packageName') ?? 'image').includes('image')
  if (!isOfPictures || others.length > 0 || input?.shape.length !== 3 || (channels !== 1 && channels !== 3))
    return named
  return {
    ...named,
    model: withRescaling(config, scale, offset) as unknown as JsonRecord,
    preprocess: { shape: [height!, width!, channels], channels: channels === 1 ? 'grey' : 'rgb', resize: 'cover' },
    notes: [
      ...(file.notes ?? []),
      'It is a model of Teachable Machine: a rescaling layer (x / 127 − 1) is put in front of it, so that it takes bytes.',
    ],
  }
}
