/** A layer as a person writes it: what stands in the wrong place is shown in the right one. Who only reads model files loads none of it. */
import { boolean, optional, text } from '../base/schema.ts'
import { typedRecord } from '../base/typed-record.ts'
import type { LayerSchema } from './saved-config.ts'

const layerRecord = typedRecord({ name: optional(text), trainable: optional(boolean, true) })

/** Problems name a layer as everywhere: by its number from 1 and its type. */
export const writtenLayer: LayerSchema = {
  ...layerRecord,
  read(value, at) {
    const index = Number(/(\d+)\]$/.exec(at.path)?.[1])
    const type = Object(value).type
    const owner = `Layer ${index + 1}${typeof type === 'string' ? ` (${type})` : ''}`
    return layerRecord.read(value, { ...at, owner, path: '' })
  },
}
