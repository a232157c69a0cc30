/**
 * `fovea review RUN`: serves a page on this machine on which the labels of a run's own pictures are mended, until Ctrl-C; moves the files
 * where that is asked for.
 */
import { randomBytes } from 'node:crypto'
import { createAdaptorServer } from '@hono/node-server'
import { grouped, shellWord } from 'fovea/internal/base/text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { told } from 'fovea/internal/host/node/system-errors'
import { changesInForce, labelCounts, labelsAfter } from 'fovea/internal/run/label-log'
import type { MovePlan } from 'fovea/internal/run/moved-files'
import { type Context, command } from '../command/command.ts'
import { checkPairs } from '../command/option-pairs.ts'
import { commonOptions, flag, wholeOption } from '../command/options.ts'
import type { ReviewDocument } from '../command/own-pictures-documents.ts'
import { doMoves, fileMoves } from '../review/file-moves.ts'
import { reviewApp } from '../review/review-app.ts'
import { reviewPage } from '../review/review-page.ts'
import { type ReviewRun, readLabelLog, readReviewRun } from '../review/review-run.ts'
import { reviewSession } from '../review/review-session.ts'
import { thumbnailsOf } from '../review/thumbnails.ts'
import { pageScript } from './page-script.ts'

const now = (): string => new Date().toISOString()

export const review = command({
  positional: { name: 'RUN', help: 'the directory of a run that learned your own pictures', least: 1, most: 1 },
  options: {
    port: wholeOption('N', 'where to serve the page (default: any that is free)', 1, 65535),
    plan: flag('serve no page: only say which files --apply would move'),
    apply: flag('serve no page: move the files into the folders of their classes, what is set aside into .set-aside'),
    'undo-apply': flag('serve no page: move all files back to where they were'),
    ...commonOptions,
  },
  examples: ['review runs/small-cnn-1-1', 'review runs/small-cnn-1-1 --apply'],
  run: (context, { values, words: [word] }) =>
    context.interruptible(async signal => {
      checkPairs(values, {
        excludes: [
          ['plan', 'apply'],
          ['plan', 'undo-apply'],
          ['apply', 'undo-apply'],
          ['port', 'plan'],
          ['port', 'apply'],
          ['port', 'undo-apply'],
        ],
      })
      const run = await readReviewRun(nodeFiles, word!)
      const isBack = values['undo-apply'] === true
      if (!values.plan && !values.apply && !isBack) {
        await serve(run, values.port, context, signal)
        const document = await documentOf(run)
        return { document, text: textOf(document), next: `train --again ${shellWord(run.run)}` }
      }
      const plan = await fileMoves(nodeFiles, run, isBack ? 'back' : 'to-labels')
      context.say(planText(plan, run))
      const done = values.plan ? plan : await doMoves(nodeFiles, run, plan, now)
      return {
        document: await documentOf(run, done),
        ...(values.plan ? {} : { text: `${counted(done.moves.length, 'file')} moved.` }),
        next: values.plan ? `review ${shellWord(run.run)} --apply` : `train --again ${shellWord(run.run)}`,
        failed: values.plan
          ? []
          : done.stuck.map(({ file, reason }) => ({ file, problems: [{ what: `${file} is not moved: ${reason}.` }] })),
      }
    }),
})

/** Until the signal is aborted. Throws UserError where the port is taken. */
async function serve(
  run: ReviewRun,
  port: number | undefined,
  { say, program }: Context,
  signal: AbortSignal,
): Promise<void> {
  const token = randomBytes(16).toString('hex')
  const own = shellWord(run.run)
  const app = reviewApp({
    token,
    session: await reviewSession(nodeFiles, run, now),
    commands: { again: `${program} train --again ${own}`, apply: `${program} review ${own} --apply` },
    html: reviewPage,
    script: pageScript('review-page'),
    thumbnail: thumbnailsOf(run.place),
  })
  const server = createAdaptorServer({ fetch: app.fetch })
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // Only this machine can reach it.
    server.listen(port ?? 0, '127.0.0.1', resolve)
  })
  await told(listening, `The page cannot be served${port === undefined ? '' : ` at port ${port}`}`)
  const address = server.address()
  const place = typeof address === 'object' && address ? address.port : port
  say(`Review of ${run.run}: open this page in a browser. Ctrl-C ends it.\n\n  http://127.0.0.1:${place}/${token}/\n`)
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
  server.close()
  if ('closeAllConnections' in server) server.closeAllConnections()
}

async function documentOf(
  run: ReviewRun,
  { moves, stuck }: MovePlan = { moves: [], stuck: [] },
): Promise<ReviewDocument> {
  const log = await readLabelLog(nodeFiles, run)
  return {
    run: run.run,
    log: run.logFile,
    changes: changesInForce(log).length,
    ...labelCounts(labelsAfter(log, run.pictures)),
    moved: moves.map(({ from, to }) => ({ from, to })),
    notMoved: stuck,
  }
}

const counted = (count: number, one: string): string => `${grouped(count)} ${one}${count === 1 ? '' : 's'}`

const textOf = ({ changes, relabelled, setAside, log }: ReviewDocument): string =>
  changes === 0
    ? 'No label is changed.'
    : `${counted(changes, 'change')} in ${log}: ${counted(relabelled, 'picture')} relabelled, ${grouped(setAside)} set aside.`

function planText({ moves, stuck }: MovePlan, { place }: ReviewRun): string {
  if (moves.length + stuck.length === 0) return `All files of ${place} lie where their labels say.`
  return [
    `In ${place}:`,
    ...moves.map(({ from, to }) => `  ${from} → ${to}`),
    ...stuck.map(({ file, reason }) => `  ${file} stays: ${reason}`),
  ].join('\n')
}
