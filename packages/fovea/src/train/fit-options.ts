/** What the training loop takes, and the check of its numbers. */
import type { Files } from '../base/host.ts'
import { optional, parse, record } from '../base/schema.ts'
import { loopFields } from '../base/training-numbers.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import type { Checkpoint } from '../store/checkpoint.ts'
import type { ModelFile } from '../store/model-file.ts'
import type { Callback } from './callbacks/callback.ts'
import type { TrainListener } from './events.ts'

export interface LoopOptions {
  /** The last epoch (counted from 1): with `initialEpoch` 2 and `epochs` 5, three are trained. */
  readonly epochs: number
  /** Epochs done already; 0 by default. */
  readonly initialEpoch?: number | undefined
  /** Rows of a step; 32 by default. */
  readonly batchSize?: number | undefined
  /** True by default. */
  readonly shuffle?: boolean | undefined
  /** Leaves out the last, smaller batch of an epoch; false by default. */
  readonly dropRemainder?: boolean | undefined
  /** Of the order, dropout and augmentation; 0 by default. */
  readonly seed?: number | undefined
  readonly validation?: FeedRows | undefined
  readonly callbacks?: readonly Callback[] | undefined
  readonly listeners?: readonly TrainListener[] | undefined
  /** Aborting ends training after the current step; what is done is kept. */
  readonly signal?: AbortSignal | undefined
  /** Where callbacks write. */
  readonly files?: Files | undefined
  /** What model files say besides the weights. */
  readonly about?: Omit<ModelFile, 'weights'> | undefined
  /** Called after every epoch, every so many minutes within one, and when training is aborted, with all that is needed to go on. */
  readonly saveCheckpoint?: ((checkpoint: Checkpoint) => Promise<void>) | undefined
  /** Minutes; 5 by default. */
  readonly saveEvery?: number | undefined
  /** A checkpoint that cannot be saved is said, and training goes on; an error by default. */
  readonly keepTraining?: boolean | undefined
  /** Goes on from here, with the same seed and batch size. */
  readonly resume?: Checkpoint | undefined
  /** Said when training begins. */
  readonly notes?: readonly string[] | undefined
}

/** Minutes of training that are lost at most, unless another number is asked for. */
export const minutesBetweenSaves = 5

/** Throws UserError with every number that cannot be. */
export function checkNumbers(what: string, numbers: Readonly<Partial<Record<keyof typeof loopFields, number>>>): void {
  const fields = Object.fromEntries(Object.entries(loopFields).map(([name, field]) => [name, optional(field)]))
  parse(record(fields), numbers, what)
}
