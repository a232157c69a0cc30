/**
 * The review as HTTP: a request in, a response out, without a socket. Every address begins with a token that only the printed one has, so
 * other sites and users can neither look nor change anything; a request under another host's name or from another site's page is refused
 * besides. A picture is asked for by its number: no path ever comes from a request.
 */

import { UserError } from 'fovea/internal/base/errors'
import { list, oneOf, parse, record, union, whole } from 'fovea/internal/base/schema'
import { Hono } from 'hono'
import type { ReviewSession } from './review-session.ts'
import type { ReviewRequest } from './reviewed-set.ts'

export interface ReviewParts {
  readonly token: string
  readonly session: ReviewSession
  readonly commands: { readonly again: string; readonly apply: string }
  /** The page and its script. */
  readonly html: string
  readonly script: string
  /** The small picture of one of these places, as WebP. Throws UserError where there is none. */
  readonly thumbnail: (places: readonly string[]) => Promise<Uint8Array<ArrayBuffer>>
}

/** Of the body of a request: a million pictures. */
const mostBytes = 8 << 20

const headers = {
  'content-security-policy':
    "default-src 'none'; img-src 'self'; connect-src 'self'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export function reviewApp({ token, session, commands, html, script, thumbnail }: ReviewParts): Hono {
  const { pictures, classNames } = session.set
  const picture = whole(0, pictures.length - 1)
  const requests = union(
    record({
      type: oneOf(['relabel']),
      pictures: list(picture, 'numbers of pictures'),
      to: whole(0, classNames.length - 1),
    }),
    record({ type: oneOf(['set-aside', 'restore']), pictures: list(picture, 'numbers of pictures') }),
    record({ type: oneOf(['undo']) }),
  )
  const app = new Hono()

  app.use(async (context, next) => {
    const host = context.req.header('host') ?? new URL(context.req.url).host
    const origin = context.req.header('origin')
    const isOwn =
      /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host) && (origin === undefined || origin === `http://${host}`)
    if (!isOwn) return context.text('This page is for its own machine only.', 403, headers)
    await next()
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value)
    return
  })

  app.get('/favicon.ico', context => context.body(null, 204))
  const at = (path: string): string => `/${token}/${path}`
  app.get(at(''), context => context.html(html, 200, { 'cache-control': 'no-store' }))
  app.get(at('review.js'), context =>
    context.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' }),
  )
  app.get(at('pictures'), async context => {
    const state = await session.state()
    return context.json({ ...session.set, commands, state }, 200, { 'cache-control': 'no-store' })
  })
  app.get(at('thumbnails/:number{[0-9]+}'), async context => {
    const number = Number(context.req.param('number'))
    if (number >= pictures.length) return context.text('There is no such picture.', 404)
    const bytes = await thumbnail(session.placesOf(number))
    return context.body(bytes, 200, { 'content-type': 'image/webp', 'cache-control': 'private, max-age=600' })
  })
  app.post(at('changes'), async context => {
    if (!/^application\/json\b/.test(context.req.header('content-type') ?? ''))
      return context.json({ error: 'A change is JSON.' }, 415)
    if (Number(context.req.header('content-length') ?? 0) > mostBytes)
      return context.json({ error: 'These are too many pictures for one change.' }, 413)
    const request = parse(requests, await context.req.json().catch(() => undefined), 'A change', 'Field')
    return context.json(await session.change(request as ReviewRequest))
  })

  app.onError((error, context) => {
    if (!(error instanceof UserError)) throw error
    const isPicture = context.req.path.includes('/thumbnails/')
    return context.json({ error: error.message }, isPicture ? 404 : 400, headers)
  })
  return app
}
