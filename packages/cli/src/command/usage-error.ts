/** How a call ends that does not come to its end. Where it was wrong itself (an unknown name, a word too many), not what it did, the exit code is 2 instead of 1. */
import { type Problem, UserError } from 'fovea/internal/base/errors'

export class UsageError extends UserError {}

/** Runs work whose user errors are the call's fault: looking up names, reading options. */
export async function asUsage<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof UserError ? new UsageError(error.problems) : error
  }
}

/** What a program is told of an error. */
export const problemsIn = (error: unknown): readonly Problem[] =>
  error instanceof UserError ? error.problems : [{ what: isAbort(error) ? 'Interrupted.' : String(error) }]

/** Whether an error says that a signal was aborted. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
