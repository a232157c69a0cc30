/** A weakness that was published of another reader, and a file of ours that tries it here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelFormats } from '@fovea/formats'
import { UserError } from 'fovea/internal/base/errors'
import { modelFromConfig } from 'fovea/internal/network/config'
import { keepFormats, type OpenedFile, openedBytes, readModel } from 'fovea/internal/store/model-formats'
import { zipped } from '../../packages/fovea/src/host/node/pickled.testing.ts'

export interface Weakness {
  readonly of: string
  /** CVE or advisory; several where one file tries them all. */
  readonly names: string
  readonly was: string
  /** What becomes of it here, as the table in docs/security.md says it. */
  readonly here: string
  /** Gives the sentence that refuses the file, or a text that says what was read. */
  try(folder: string): Promise<string>
  readonly says: RegExp
}

/** The error's sentences; anything but a UserError is thrown. */
export async function refusal(read: () => unknown): Promise<string> {
  try {
    await read()
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  return 'it is read'
}

keepFormats(modelFormats)

export const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** As `loadModel` reads it, up to the network. */
export async function load(opened: OpenedFile): Promise<void> {
  const { model } = await readModel(opened)
  if (model) modelFromConfig(model)
}
export const refused = (bytes: Uint8Array, name: string): Promise<string> =>
  refusal(() => load(openedBytes(bytes, name)))

/** A `.keras` archive. */
export const kerasOf = (config: unknown, weights: Uint8Array = new Uint8Array()): Uint8Array =>
  zipped([
    ['metadata.json', json({ keras_version: '3.8.0' })],
    ['config.json', json(config)],
    ['model.weights.h5', weights],
  ])

/** A network of Keras with these layers behind its input. */
export const sequentialOf = (...layers: readonly object[]): object => ({
  module: 'keras',
  class_name: 'Sequential',
  config: {
    name: 'net',
    layers: [
      {
        module: 'keras.layers',
        class_name: 'InputLayer',
        config: { name: 'in', batch_shape: [null, 4], dtype: 'float32' },
      },
      ...layers,
    ],
  },
})

/** A folder that is there for one attempt. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-weakness-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
