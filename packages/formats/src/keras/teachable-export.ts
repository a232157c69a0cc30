/**
 * Teachable Machine's export for Keras: `keras_model.h5` with `labels.txt` beside it (`0 Cat`, a line each). Its model takes pictures of
 * 224 × 224 pixels whose middle was cut out, with numbers from −1 to 1, as the code that comes with it does.
 */
import type { JsonRecord } from 'fovea/internal/base/json'
import type { ModelConfig } from 'fovea/internal/network/saved-config'
import type { ModelFile } from 'fovea/internal/store/model-file'
import type { OpenedFile } from 'fovea/internal/store/model-formats'
import { withRescaling } from './rescaled-head.ts'

/** Both numbers of what it takes: x / 127.5 − 1. */
const [scale, offset] = [1 / 127.5, -1]
const side = 224
/** Names of classes are short. */
const mostBytes = 2 ** 20

/** With its class names and how pictures become its input; unchanged where nothing says that it is one. */
export async function labelledByTeachableMachine(file: ModelFile, beside: OpenedFile['beside']): Promise<ModelFile> {
  const config = file.model as unknown as ModelConfig
  const [input, ...others] = config.inputs
  if (others.length > 0 || input?.shape.join() !== `${side},${side},3`) return file
  const labels = await beside('labels.txt')
  const classNames = labels && labels.length <= mostBytes ? numberedLabels(new TextDecoder().decode(labels)) : undefined
  const last = file.weights.at(-1)
  if (!classNames || last?.shape.at(-1) !== classNames.length) return file
  return {
    ...file,
    model: withRescaling(config, scale, offset) as unknown as JsonRecord,
    classNames,
    preprocess: { shape: [side, side, 3], channels: 'rgb', resize: 'cover' },
    notes: [
      ...(file.notes ?? []),
      'It is an export of Teachable Machine: class names come from labels.txt, and a rescaling layer (x / 127.5 − 1) is put in front of it, so that it takes bytes.',
    ],
  }
}

/** `0 Cat`, `1 Dog` …, numbered from 0 without a gap; undefined for any other text. */
function numberedLabels(text: string): readonly string[] | undefined {
  const lines = text
    .replace(/^\ufeff/, '')
    .trim()
    .split(/\r?\n/)
  const names = lines.map((line, at) => (line.startsWith(`${at} `) ? line.slice(`${at} `.length).trim() : undefined))
  return names.every(name => name !== undefined) ? names : undefined
}
