/** The numbers that every training takes, each with its range. */
import { whole } from './schema.ts'

export const loopFields = {
  epochs: whole(1, 1e9),
  initialEpoch: whole(0, 1e9),
  batchSize: whole(1, 2 ** 31 - 1),
  seed: whole(0),
}
