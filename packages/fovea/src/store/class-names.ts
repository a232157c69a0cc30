/** The names of classes that a model file holds, beside its model. */
import { UserError } from '../base/errors.ts'
import type { Model } from '../network/model.ts'

/** Throws UserError where a file names more or fewer classes than its model tells apart: every name may be a wrong one. */
export function checkClassNames(names: readonly string[] | undefined, { outputs }: Model, source: string): void {
  const units = outputs[0]!.shape.at(-1) ?? 1
  // One output tells two classes apart.
  if (names === undefined || names.length === units || (units === 1 && names.length === 2)) return
  throw new UserError({
    what: `${source} does not name the classes of its model`,
    expected: `${Math.max(2, units)} names, one for each class`,
    received: `${names.length} names`,
    fix: 'set classNames to the right names and save it again, or train again',
  })
}
