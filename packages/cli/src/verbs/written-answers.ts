/** The answers of `predict`, written as they come. In: files, how they are asked about, a writer. Out: the first file answered, and those that failed. */
import { UserError } from 'fovea/internal/base/errors'
import { grouped } from 'fovea/internal/base/text'
import type { Context } from '../command/command.ts'
import type { FailedFile } from '../command/each-file.ts'
import type { FailedPicture } from '../command/predict-documents.ts'
import { problemsIn } from '../command/usage-error.ts'
import type { AskedPictures } from './asked-pictures.ts'
import { type Asking, answersTo, predictionOf } from './picture-answers.ts'
import type { PredictionWriter } from './prediction-writers.ts'

interface AnswerForm {
  readonly writer: PredictionWriter
  readonly min: number | undefined
  readonly top: number | undefined
}

/** Throws UserError with every problem where pictures were asked about and none is answered. What was begun is ended, whatever happens. */
export async function writtenAnswers(
  context: Context,
  asked: AskedPictures,
  asking: Asking,
  { writer, ...form }: AnswerForm,
  signal: AbortSignal,
): Promise<{ readonly first: string | undefined; readonly failed: readonly FailedFile[] }> {
  const { stdout } = context
  const failed: FailedPicture[] = []
  const progress = progressOf(context, asked.files.length)
  let first: string | undefined
  const write = (text: string): void => {
    if (text !== '') stdout.write(text)
  }
  const fail = (picture: FailedPicture): void => {
    failed.push(picture)
    write(writer.failure?.(picture) ?? '')
  }
  for (const { file, problems } of asked.failed) fail({ picture: file, problems })
  try {
    for await (const answer of answersTo(asked.files, asking, signal)) {
      if (stdout.isClosed) break
      progress.next()
      if ('problems' in answer) fail(answer)
      else {
        if (first === undefined) write(writer.begin)
        first ??= answer.picture
        write(writer.answer(predictionOf(answer, asking, form)))
      }
    }
  } catch (error) {
    if (first !== undefined) write(writer.end(failed, problemsIn(error)))
    throw error
  } finally {
    progress.end()
  }
  if (first === undefined) {
    if (failed.length > 0) throw new UserError(failed.flatMap(({ problems }) => problems))
    write(writer.begin)
  }
  write(writer.end(failed))
  return { first, failed: failed.map(({ picture, problems }) => ({ file: picture, problems })) }
}

/** Ms between two lines of progress. */
const pause = 200

/** How far it is, on standard error, where the answers themselves go elsewhere than to the terminal. */
function progressOf({ stdout, stderr, quiet }: Context, count: number): { next(): void; end(): void } {
  if (quiet || !stderr.isTerminal || stdout.isTerminal) return { next: () => {}, end: () => {} }
  let [done, told] = [0, 0]
  return {
    next: () => {
      done++
      if (performance.now() < told + pause) return
      told = performance.now()
      stderr.write(`\r\u001b[K${grouped(done)} of ${grouped(count)} pictures`)
    },
    end: () => {
      if (told > 0) stderr.write('\r\u001b[K')
    },
  }
}
