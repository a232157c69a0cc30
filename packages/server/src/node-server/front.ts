/**
 * What stands before the handler of models: who may ask, the page, the figures, the story of every request. In: a request. Out: its answer, with
 * the request's id.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import type { BoundedAdmission } from '../serving/admission.ts'
import { jsonResponse } from '../serving/answers.ts'
import type { Catalogue } from '../serving/contract.ts'
import type { Gauge, Metrics } from '../serving/metrics.ts'
import { isAllowed, type Origins } from '../serving/origins.ts'
import type { Handler } from '../serving/serve.ts'
import { pageResponse } from './page.ts'

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
  readonly handle: Handler
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

export function frontOf(parts: FrontParts): Handler {
  const { onRequest } = parts
  return async request => {
    const started = performance.now()
    const id = idOf(request)
    const response = await answered(request, parts)
    response.headers.set('x-request-id', id)
    response.headers.set('x-content-type-options', 'nosniff')
    onRequest?.({
      time: new Date().toISOString(),
      id,
      method: request.method,
      path: new URL(request.url).pathname,
      status: response.status,
      milliseconds: Math.round((performance.now() - started) * 1000) / 1000,
    })
    return response
  }
}

/** What a client says, if a log can hold it. */
function idOf(request: Request): string {
  const given = request.headers.get('x-request-id')
  return given !== null && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}

async function answered(request: Request, parts: FrontParts): Promise<Response> {
  const { handle, catalogue, metrics, admission, host, token, origins } = parts
  const path = new URL(request.url).pathname
  const isHealth = path.startsWith('/v2/health/')
  if (isLoopback(host) && !isHealth && !isOwnHost(request, origins))
    return jsonResponse(
      { error: 'This server is for its own machine only, under the name localhost or 127.0.0.1.' },
      403,
    )
  // At `/` a browser finds the page, and KServe's clients ask whether the server is alive.
  const isGet = request.method === 'GET'
  const isForPage = path !== '/' || (request.headers.get('accept') ?? '').includes('text/html')
  const page = isGet && isForPage ? pageResponse(path) : undefined
  // Neither holds a secret, and the page could not be opened with a header.
  const isOpen = page !== undefined || (isGet && path === '/')
  if (token !== undefined && !isHealth && !isOpen && !hasToken(request, token))
    return jsonResponse({ error: 'The header "Authorization: Bearer …" is missing or wrong.' }, 401, {
      'www-authenticate': 'Bearer',
    })
  if (page) return page
  if (request.method === 'GET' && path === '/metrics')
    return new Response(metrics.text(gauges(parts)), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    })
  if (request.method === 'GET' && path === '/figures.json')
    return jsonResponse({
      ...metrics.figures(),
      waiting: admission.waiting,
      open: admission.open,
      memoryBytes: process.memoryUsage.rss(),
      models: catalogue
        .names()
        .map(name => ({ name, versions: catalogue.versions(name), ...aboutModel(catalogue, name) })),
    })
  return handle(request)
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
function isOwnHost(request: Request, origins: Origins | undefined): boolean {
  const host = request.headers.get('host') ?? ''
  const origin = request.headers.get('origin')
  const isOwn = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(host)
  return isOwn && (origin === null || origin === `http://${host}` || isAllowed(origins, origin))
}

/** Compared in a time that says nothing of where they differ. */
function hasToken(request: Request, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
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
