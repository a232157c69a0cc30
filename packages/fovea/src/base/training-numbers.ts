/** The numbers that trainings take, each with its range. */
import { number, optional, type ParsedFields, whole } from './schema.ts'

export const loopFields = {
  epochs: whole(1, 1e9),
  initialEpoch: whole(0, 1e9),
  batchSize: whole(1, 2 ** 31 - 1),
  seed: whole(0),
}

/** Of a training by teachers. */
export const distillationFields = {
  /** Above 1: what a teacher says of the less probable classes counts more. */
  temperature: optional(number({ above: 0, most: 1000 }), 4),
  /** Of the teachers in the loss; the labels have the rest. */
  share: optional(number({ above: 0, most: 1 }), 0.5),
}

/** How much teachers count, and how soft their answers are. */
export type Distillation = ParsedFields<typeof distillationFields>
