/** The call itself was wrong (an unknown name, a word too many), not what it did: exit code 2 instead of 1. */
import { UserError } from 'fovea/internal/base/errors'

export class UsageError extends UserError {}

/** Runs work whose user errors are the call's fault: looking up names, reading options. */
export async function asUsage<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof UserError ? new UsageError(error.problems) : error
  }
}
