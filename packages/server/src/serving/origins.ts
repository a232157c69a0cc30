/**
 * Which pages of other sites may ask: none by default. A browser asks with OPTIONS before it sends what a form could not, and shows a page
 * only answers that name the page's origin. Source: fetch.spec.whatwg.org, CORS protocol.
 */
import { custom, type Schema } from 'fovea/internal/base/schema'
import { withHeaders } from './answers.ts'
import type { Answering, Reply } from './contract.ts'

/** `*` for pages of everybody, or origins like `https://example.com`. */
export type Origins = '*' | readonly string[]

export const originsSchema: Schema<Origins> = custom("'*' or a list of origins like https://example.com", value =>
  value === '*' || (Array.isArray(value) && value.every(isOrigin)) ? (value as Origins) : undefined,
)

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value

export const isAllowed = (origins: Origins | undefined, origin: string): boolean =>
  origins !== undefined && (origins === '*' || origins.includes(origin))

const preflight = {
  'access-control-allow-methods': 'GET, POST, PUT',
  'access-control-allow-headers': 'authorization, content-type, inference-header-content-length, x-request-id',
  'access-control-max-age': '600',
}

/** Answers the question before, and puts the origin into answers to pages that may see them. */
export function withOrigins(handle: Answering, origins: Origins | undefined): Answering {
  if (origins === undefined) return handle
  return async question => {
    const origin = question.header('origin')
    const isForPage = origin !== null && isAllowed(origins, origin)
    const isBefore = question.method === 'OPTIONS' && question.header('access-control-request-method') !== null
    const reply: Reply = isForPage && isBefore ? { status: 204, headers: preflight, body: [] } : await handle(question)
    return withHeaders(reply, {
      // A cache must not give one page the answer for another.
      ...(origins !== '*' && { vary: 'origin' }),
      ...(isForPage && {
        'access-control-allow-origin': origins === '*' ? '*' : origin,
        'access-control-expose-headers': 'inference-header-content-length, retry-after, x-request-id',
      }),
    })
  }
}
