/**
 * A request in, a response out, in any JavaScript: no socket, no file. The address leads to a protocol, the protocol reads the question, asks
 * the model when it is its turn, and writes the answer; what goes wrong is said in the protocol's own form.
 */
import { UserError } from 'fovea/internal/base/errors'
import { optional, parse, record, that, whole } from 'fovea/internal/base/schema'
import { boundedAdmission } from './admission.ts'
import { jsonReply } from './answers.ts'
import { type ByteBudget, byteBudget } from './body.ts'
import {
  type Admission,
  type Answering,
  type Catalogue,
  type Protocol,
  type Question,
  Refusal,
  type Reply,
  type Servable,
  type Watch,
} from './contract.ts'
import { openExchange } from './exchange.ts'
import { fixedCatalogue } from './fixed-catalogue.ts'
import { originsSchema, withOrigins } from './origins.ts'
import { type Handler, overRequests } from './over-requests.ts'
import { namedIn, type Route, type RouteState, routesOf } from './routes.ts'

/** What `serve` takes. */
export interface ServeOptions {
  /** The largest body in bytes: 32 MiB by default. */
  readonly maxBytes?: number | undefined
  /** Pictures that are computed together: 32 by default. */
  readonly maxBatch?: number | undefined
  /** Milliseconds that a picture waits for others when nothing is computed: 0 by default. */
  readonly maxDelay?: number | undefined
  /** Pictures that may wait; whoever comes then is refused with 429: 512 by default. */
  readonly queue?: number | undefined
  /** Seconds after which a request that was not answered gets 504: 30 by default. */
  readonly timeout?: number | undefined
  /** Pages of other sites that may ask: `'*'`, or a list like `['https://example.com']`. None by default. */
  readonly origins?: '*' | readonly string[] | undefined
}

export interface AnsweringParts extends RouteState {
  readonly catalogue: Catalogue
  readonly admission: Admission
  readonly watch: Watch
  readonly mostBytes: number
}

/** Of this package: what servers say of themselves. */
export const serverVersion = '0.1.0'

const silent: Watch = { stage: () => {}, asked: () => {}, answered: () => {} }

/** Of `serve`, by their names. */
export const serveFields = {
  maxBytes: optional(whole(1), 32 * 2 ** 20),
  maxBatch: optional(whole(1, 4096), 32),
  maxDelay: optional(whole(0, 60_000), 0),
  queue: optional(whole(1), 512),
  timeout: optional(whole(1, 86_400), 30),
  origins: optional(originsSchema),
}

const servable = that<Servable>(
  'a model: what loadPredictor or loadModel gives',
  value => typeof Object(value).predict === 'function' && typeof Object(value).classify === 'function',
)

/**
 * A handler for any server that speaks `Request` and `Response`: Hono, Deno, Bun, a Next.js route, a worker at the edge. Serves one model
 * (under the name `model`), or several by their names. A picture as the body of a POST is answered with its classes; the REST interfaces of
 * TensorFlow Serving (`/v1`), KServe and Triton (`/v2`) are answered too, and described at `/openapi.json`. Pictures that arrive together are
 * computed together, with the same bits as alone. Throws UserError for what is no model and for options that cannot be.
 */
export function serve(models: Servable | Readonly<Record<string, Servable>>, given: ServeOptions = {}): Handler {
  const { maxBytes, maxBatch, maxDelay, queue, timeout, origins } = parse(record(serveFields), given, 'serve')
  const answer = createAnswering({
    catalogue: fixedCatalogue(byName(models)),
    admission: boundedAdmission({ batch: maxBatch, delay: maxDelay, queue, timeout }),
    watch: silent,
    mostBytes: maxBytes,
    version: serverVersion,
    isEnding: () => false,
  })
  return overRequests(withOrigins(answer, origins))
}

function byName(models: Servable | Readonly<Record<string, Servable>>): Readonly<Record<string, Servable>> {
  if (typeof (models as Servable)?.predict === 'function') return { model: models as Servable }
  const names = Object.keys(Object(models))
  checkModelNames(names)
  for (const name of names)
    parse(record({ [name]: servable }), { [name]: (models as Record<string, Servable>)[name] }, 'serve', 'Model')
  if (names.length > 0) return models as Readonly<Record<string, Servable>>
  throw new UserError({
    what: 'There is nothing to serve.',
    expected: 'a model, or a record of models by their names',
    fix: "serve(await loadPredictor('model.safetensors'))",
  })
}

/** Names are parts of addresses. Throws UserError for those that cannot be. */
export function checkModelNames(names: readonly string[]): void {
  const odd = names.find(name => name === '' || /[/:?#%]/.test(name))
  if (odd !== undefined)
    throw new UserError({ what: 'A model cannot have this name.', expected: 'a name without / : ? # %', received: odd })
}

/** Bodies of all requests together may take 256 MB, or as much as so many of the largest. */
const leastBudget = 256e6
const bodiesAtOnce = 4

export function createAnswering(parts: AnsweringParts): Answering {
  const routes = routesOf(parts)
  const budget = byteBudget(Math.max(leastBudget, bodiesAtOnce * parts.mostBytes))
  return async question => {
    const started = performance.now()
    const reply = await answered(question, routes, { ...parts, budget })
    parts.watch.answered(protocolOf(question.url.pathname), reply.status, performance.now() - started)
    return reply
  }
}

const protocolOf = (path: string): Protocol =>
  /^\/v2(\/|$)/.test(path) ? 'open-inference' : /^\/v1(\/|$)/.test(path) ? 'tensorflow' : 'plain'

async function answered(
  question: Question,
  routes: readonly Route[],
  parts: AnsweringParts & { readonly budget: ByteBudget },
): Promise<Reply> {
  const exchange = openExchange({ ...parts, question })
  try {
    const { route, named } = routeTo(question.method, question.url.pathname, routes)
    return await route.answer(exchange, named)
  } catch (error) {
    // Whatever its end broke: a server that is well counts no failure.
    return refused(question.signal.aborted ? new Refusal(499, 'The client has gone.') : error)
  } finally {
    exchange.end()
  }
}

function routeTo(method: string, path: string, routes: readonly Route[]) {
  const asked = method === 'HEAD' ? 'GET' : method
  const allowed = new Set<string>()
  for (const route of routes) {
    const match = route.pattern.exec(path)
    const named = match && namedIn(match)
    if (!named) continue
    if (route.methods.includes(asked)) return { route, named }
    for (const each of route.methods) allowed.add(each)
  }
  // Anything may be the name of a picture that is put; what is asked for must be there.
  if (allowed.size > 0 && (asked !== 'GET' || /^\/(v1|v2|models)\//.test(path)))
    throw new Refusal(405, `${method} is not for this address; ${[...allowed].join(' and ')} is.`, {
      allow: [...allowed].join(', '),
    })
  throw new Refusal(404, 'There is nothing at this address. /openapi.json tells what there is.')
}

/** All protocols say it alike: a record with `error`. */
function refused(error: unknown): Reply {
  if (error instanceof Refusal) return jsonReply({ error: error.message }, error.status, error.headers)
  // A picture that is none, numbers that do not fit.
  if (error instanceof UserError) return jsonReply({ error: error.message }, 400)
  return jsonReply({ error: 'The server failed at this request.' }, 500)
}
