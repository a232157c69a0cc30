/** Several files in one call: one that cannot be used keeps no other from being answered. */
import { type Problem, UserError } from 'fovea/internal/base/errors'

/** What could not be used, and why. */
export interface FailedFile {
  /** As it was named. */
  readonly file: string
  readonly problems: readonly Problem[]
}

/** Does the work for each file. Throws UserError with every problem where none is left. */
export async function eachFile<Done>(
  files: readonly string[],
  work: (file: string) => Promise<Done>,
): Promise<{ readonly done: readonly Done[]; readonly failed: readonly FailedFile[] }> {
  const done: Done[] = []
  const failed: FailedFile[] = []
  for (const file of files) {
    try {
      done.push(await work(file))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      failed.push({ file, problems: error.problems })
    }
  }
  if (done.length === 0) throw new UserError(failed.flatMap(({ problems }) => problems))
  return { done, failed }
}
