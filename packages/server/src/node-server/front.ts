/**
 * What stands before the handler of models: who may ask, the page, the figures, the story of every request. In: a request. Out: its answer, with
 * the request's id.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import type { BoundedAdmission } from '../serving/admission.ts'
import { jsonReply, textReply, withHeaders } from '../serving/answers.ts'
import type { Answering, Catalogue, Question, Reply } from '../serving/contract.ts'
import type { Gauge, Metrics } from '../serving/metrics.ts'
import { isAllowed, type Origins } from '../serving/origins.ts'
import { pageReply } from './page.ts'

/** A request that was answered. */
export interface RequestRecord {
  /** ISO 8601. */
  readonly time: string
  /** Of the header `X-Request-Id`, or made. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly milliseconds: number
}

export interface FrontParts {
  readonly answer: Answering
  readonly catalogue: Catalogue
  readonly metrics: Metrics
  readonly admission: BoundedAdmission
  /** Where it listens. */
  readonly host: string
  readonly token?: string | undefined
  /** Pages of other sites that may ask. */
  readonly origins?: Origins | undefined
  readonly onRequest?: ((request: RequestRecord) => void) | undefined
}

export function frontOf(parts: FrontParts): Answering {
  const { onRequest } = parts
  return async question => {
    const started = performance.now()
    const id = idOf(question)
    const reply = await answered(question, parts)
    onRequest?.({
      time: new Date().toISOString(),
      id,
      method: question.method,
      path: question.url.pathname,
      status: reply.status,
      milliseconds: Math.round((performance.now() - started) * 1000) / 1000,
    })
    return withHeaders(reply, { 'x-request-id': id, 'x-content-type-options': 'nosniff' })
  }
}

/** What a client says, if a log can hold it. */
function idOf(question: Question): string {
  const given = question.header('x-request-id')
  return given !== null && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}

async function answered(question: Question, parts: FrontParts): Promise<Reply> {
  const { answer, catalogue, metrics, admission, host, token, origins } = parts
  const path = question.url.pathname
  const isHealth = path.startsWith('/v2/health/')
  if (isLoopback(host) && !isHealth && !isOwnHost(question, origins))
    return jsonReply({ error: 'This server is for its own machine only, under the name localhost or 127.0.0.1.' }, 403)
  // At `/` a browser finds the page, and KServe's clients ask whether the server is alive.
  const isGet = question.method === 'GET'
  const isForPage = path !== '/' || (question.header('accept') ?? '').includes('text/html')
  const page = isGet && isForPage ? pageReply(path) : undefined
  // Neither holds a secret, and the page could not be opened with a header.
  const isOpen = page !== undefined || (isGet && path === '/')
  if (token !== undefined && !isHealth && !isOpen && !hasToken(question, token))
    return jsonReply({ error: 'The header "Authorization: Bearer …" is missing or wrong.' }, 401, {
      'www-authenticate': 'Bearer',
    })
  if (page) return page
  if (isGet && path === '/metrics')
    return textReply(metrics.text(gauges(parts)), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  if (isGet && path === '/figures.json')
    return jsonReply({
      ...metrics.figures(),
      waiting: admission.waiting,
      open: admission.open,
      memoryBytes: process.memoryUsage.rss(),
      models: catalogue
        .names()
        .map(name => ({ name, versions: catalogue.versions(name), ...aboutModel(catalogue, name) })),
    })
  return answer(question)
}

/** Nothing of a model that cannot be asked. */
function aboutModel(catalogue: Catalogue, name: string) {
  try {
    const { servable, release } = catalogue.lease(name)
    const { classNames, model } = servable
    release()
    return { input: model.inputs[0]!.shape, ...(classNames && { classNames }) }
  } catch {
    return {}
  }
}

const isLoopback = (host: string): boolean => /^(127\.|localhost$|::1$)/.test(host)

/** Another site's page reaches a server of this machine by a name of its own that leads here; a browser tells that name. */
function isOwnHost(question: Question, origins: Origins | undefined): boolean {
  const host = question.header('host') ?? ''
  const origin = question.header('origin')
  const isOwn = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(host)
  return isOwn && (origin === null || origin === `http://${host}` || isAllowed(origins, origin))
}

/** Compared in a time that says nothing of where they differ. */
function hasToken(question: Question, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(question.header('authorization') ?? '')?.[1] ?? ''
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

function gauges({ catalogue, admission }: FrontParts): Gauge[] {
  const versions = catalogue
    .names()
    .flatMap(model => catalogue.versions(model)!.map(({ version, state }) => ({ model, version, state })))
  return [
    { name: 'fovea_queue_pictures', help: 'Pictures that wait.', values: () => [{ value: admission.waiting }] },
    {
      name: 'fovea_open_requests',
      help: 'Requests that wait or are computed.',
      values: () => [{ value: admission.open }],
    },
    {
      name: 'fovea_model_version_ready',
      help: 'Whether a version of a model can be asked.',
      values: () =>
        versions.map(({ model, version, state }) => ({
          labels: { model, version },
          value: state === 'AVAILABLE' ? 1 : 0,
        })),
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory of the process.',
      values: () => [{ value: process.memoryUsage.rss() }],
    },
    {
      name: 'process_start_time_seconds',
      help: 'When the process began, in seconds since 1970.',
      values: () => [{ value: Math.round(Date.now() / 1000 - process.uptime()) }],
    },
  ]
}
