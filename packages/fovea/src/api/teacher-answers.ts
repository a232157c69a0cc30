/** What `fit` is given of a teacher: rows of probabilities beside the labels, for a model that was compiled with `distillation`. */
import { UserError } from '../base/errors.ts'
import { parse, record } from '../base/schema.ts'
import { type Distillation, distillationFields } from '../base/training-numbers.ts'
import { type ArrayLikeInput, inputColumn } from '../engine/arrays.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { sameCount } from '../engine/rows.ts'
import { taughtRows } from '../engine/taught-rows.ts'
import type { TrainingSetup } from '../engine/train-entry.ts'
import { checkTaught } from '../objectives/distillation.ts'
import type { Learner } from '../train/learner.ts'

/** What `compile` was given, with its defaults. */
export const distillationOf = (given: object): Distillation => parse(record(distillationFields), given, 'distillation')

/**
 * The rows with the teacher's answers; as they are without a teacher. `indices`: which of the samples that were given these are. Throws
 * UserError where only one of both knows of a teacher, and for answers that are no probabilities of these samples.
 */
export function withTeacher(
  { model, setup }: Pick<Learner, 'model' | 'setup'>,
  rows: FeedRows,
  given: ArrayLikeInput | undefined,
  indices?: Int32Array,
): FeedRows {
  if (!setup.teacher && given === undefined) return rows
  if (!setup.teacher || given === undefined) throw alone(setup)
  checkTaught(model)
  const [output] = model.outputs
  const classes = output!.shape[0]!
  const { data, count } = inputColumn(given, output!.shape, 'what the teacher says')
  if (!indices) sameCount(rows.count, count, 'what the teacher says')
  const wrong = data.findIndex((value: number) => !(value >= 0 && value <= 1 + 1e-6))
  const last = indices?.reduce((most, index) => Math.max(most, index), 0) ?? 0
  if (wrong >= 0 || last >= count) throw notOfThese(wrong >= 0 ? String(data[wrong]) : `${count} rows`)
  const own = indices
    ? Float32Array.from(
        { length: indices.length * classes },
        (_, at) => data[indices[Math.floor(at / classes)]! * classes + (at % classes)]!,
      )
    : Float32Array.from(data)
  return taughtRows(rows, output!, own, setup.teacher)
}

/** Throws UserError for steps that no teacher is given to. */
export function checkUntaught({ teacher }: TrainingSetup, method: string): void {
  if (!teacher) return
  throw new UserError({
    what: `${method} knows no teacher, and the model was compiled with distillation.`,
    fix: 'train with fit(x, y, {teacher}), or compile without distillation',
  })
}

const alone = ({ teacher }: TrainingSetup): UserError =>
  new UserError(
    teacher
      ? {
          what: 'The model was compiled with distillation, and no teacher is given.',
          expected: 'teacher: a row of probabilities for each sample',
          fix: 'fit(x, y, {teacher: await trained.predict(x)})',
        }
      : {
          what: 'fit is given a teacher, and the model was compiled without distillation.',
          fix: 'compile({…, distillation: {temperature: 4, share: 0.5}})',
        },
  )

const notOfThese = (received: string): UserError =>
  new UserError({
    what: 'What the teacher says are no probabilities of these samples.',
    expected: 'numbers from 0 to 1, a row for each sample that is given',
    received,
    fix: 'ask a model that ends in softmax, or an ensemble, about the same samples: await trained.predict(x)',
  })
