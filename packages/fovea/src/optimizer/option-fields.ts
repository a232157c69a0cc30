/** The options of optimizers, each with the range that its formula allows. */
import {
  boolean,
  dictionary,
  type Fields,
  nullable,
  number,
  optional,
  orNull,
  that,
  union,
  whole,
} from '../base/schema.ts'
import { isSchedule, type Schedule } from './schedules.ts'

const schedule = that<Schedule>('a schedule', isSchedule)
const learningRate = union(number({ least: 0 }), schedule)

export const rate = (value: number): Fields => ({ learningRate: optional(learningRate, value) })

export const weightDecay = (value: number): Fields => ({ weightDecay: optional(nullable(number({ least: 0 })), value) })

/** How much of an old mean stays: 1 would never let anything new in, and makes the correction 1 − βᵗ zero. */
export const fraction = number({ least: 0, below: 1 })
/** As Keras, which allows 1: a movement that never ends. */
export const momentum = number({ least: 0, most: 1 })
/** Added to a divisor that may be 0. */
export const epsilon = optional(number({ above: 0 }), 1e-7)
export const moments: Fields = { beta1: optional(fraction, 0.9), beta2: optional(fraction, 0.999), epsilon }

/** Those of every optimizer; a rule's own take their place. */
export const commonFields: Fields = {
  ...rate(0.001),
  decay: optional(number({ least: 0 }), 0),
  weightDecay: orNull(number({ least: 0 })),
  clipnorm: orNull(number({ above: 0 })),
  globalClipnorm: orNull(number({ above: 0 })),
  clipvalue: orNull(number({ above: 0 })),
  rateFactors: orNull(dictionary(number({ least: 0 }), 'a record of factors by weight name, like { bias: 64 }')),
  useEma: optional(boolean, false),
  emaMomentum: optional(fraction, 0.99),
  emaOverwriteFrequency: orNull(whole(1)),
  lookaheadSteps: orNull(whole(1)),
  lookaheadRate: optional(union(number({ above: 0, most: 1 }), schedule), 0.5),
  gradientAccumulationSteps: orNull(whole(1)),
  lossScaleFactor: orNull(number({ above: 0 })),
}
