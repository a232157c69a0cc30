/** What a page and the worker that holds its program say to each other. Each call has one answer, and they come in its order. */
import { InternalError, PictureError, type Problem, UserError } from '../../base/errors.ts'
import type { CompileSettings, ProgramInfo, StepOutputs } from '../device.ts'
import type { FlatGraphs } from './graph-message.ts'

export type SentStates = Readonly<Record<string, Float32Array | Float64Array>>

export type WorkerCall =
  | { readonly compile: FlatGraphs; readonly options: CompileSettings }
  | { readonly add: FlatGraphs }
  /** The inputs of so many steps as there are rows, as `feedLayout` places them. */
  | { readonly run: string; readonly rows: readonly number[]; readonly feeds: ArrayBuffer }
  | { readonly read: readonly string[] | undefined }
  | { readonly write: SentStates }

/** `feeds` comes back, to be filled again. */
export interface WorkerAnswer {
  readonly info?: ProgramInfo | undefined
  readonly outputs?: readonly StepOutputs[]
  readonly feeds?: ArrayBuffer
  readonly states?: SentStates
  readonly error?: SentError
}

/** Beside answers: that the worker has begun, and what it has to say to a person. */
export type WorkerReply = WorkerAnswer | { readonly ready: true } | { readonly warning: string }

/** An error loses its class on the way, so its parts are sent. */
export interface SentError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly problems?: readonly Problem[]
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined }
  const { name, message, stack } = error
  return { name, message, stack, ...(error instanceof UserError && { problems: error.problems }) }
}

export function receivedError({ name, message, stack, problems }: SentError): Error {
  if (problems) return name === 'PictureError' ? new PictureError(problems) : new UserError(problems)
  const error = name === 'InternalError' ? new InternalError('runtime', message) : new Error(message)
  return Object.assign(error, { message, ...(stack && { stack }) })
}
