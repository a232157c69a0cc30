/**
 * One review of a run: the pictures in the order of looking, and the log, which is the only truth. Each change reads it, adds its line and
 * gives the state that follows. Changes come one after the other.
 */
import type { Files } from 'fovea/internal/base/host'
import { changeOf, changesInForce, type LabelLine, labelsAfter } from 'fovea/internal/run/label-log'
import { placesOf } from 'fovea/internal/run/moved-files'
import { runFile } from 'fovea/internal/run/run-file'
import { opinionsOf, type ReviewRun, readLabelLog } from './review-run.ts'
import {
  type ReviewedSet,
  type ReviewRequest,
  type ReviewState,
  reviewOrder,
  reviewPicture,
  reviewState,
} from './reviewed-set.ts'

export interface ReviewSession {
  readonly set: Omit<ReviewedSet, 'commands' | 'state'>
  state(): Promise<ReviewState>
  /** Throws UserError where the log cannot be read or written. */
  change(request: ReviewRequest): Promise<ReviewState>
  /** Where the picture of this number may lie in the folder, the likeliest place first. */
  placesOf(picture: number): readonly string[]
}

export async function reviewSession(
  files: Files,
  run: ReviewRun,
  now: () => string = () => new Date().toISOString(),
): Promise<ReviewSession> {
  const { classNames, folder } = run.pictures
  let log = await readLabelLog(files, run)
  const opinions = await opinionsOf(files, run)
  const ordered = reviewOrder(
    labelsAfter(log, run.pictures).filter(({ className }) => classNames.includes(className)),
    opinions,
  )
  const numbers = new Map(ordered.map(({ file }, index) => [file, index]))
  const written = runFile(files, run.logFile)
  let last: Promise<unknown> = Promise.resolve()

  /** In the order of the page. */
  const labelled = () => {
    const pictures = [...ordered]
    for (const picture of labelsAfter(log, run.pictures)) {
      const number = numbers.get(picture.file)
      if (number !== undefined) pictures[number] = picture
    }
    return pictures
  }
  const state = (): ReviewState => reviewState(labelled(), classNames, changesInForce(log).length)

  function lineOf(request: ReviewRequest): LabelLine | undefined {
    if (request.type === 'undo') return changesInForce(log).length === 0 ? undefined : { type: 'undo', date: now() }
    const all = labelled()
    const to = request.type === 'relabel' ? classNames[request.to] : undefined
    return changeOf(
      request.type,
      request.pictures.map(number => all[number]!),
      to,
      now(),
    )
  }

  /** Another program may have added lines meanwhile. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(async () => {
      log = await readLabelLog(files, run)
      return work()
    })
    last = turn.catch(() => {})
    return turn
  }

  return {
    set: {
      run: run.run,
      folder,
      logFile: run.logFile,
      classNames,
      pictures: ordered.map(picture => reviewPicture(picture, classNames, opinions.get(picture.file))),
    },
    state: () => inTurn(async () => state()),
    change: request =>
      inTurn(async () => {
        const line = lineOf(request)
        if (line) {
          await written.add(line)
          log = [...log, line]
        }
        return state()
      }),
    placesOf: picture => placesOf(log)(ordered[picture]!.file),
  }
}
