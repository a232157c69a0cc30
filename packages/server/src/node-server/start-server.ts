/**
 * A server in Node: models from disk, HTTP with limits, figures, logs, an end without a lost request. In: where the models are, and how it is to
 * run. Out: its address, and how to end it.
 */
import { createServer, type Server } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { basename, resolve } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { onOneThreadEach } from '@fovea/pictures/internal/decoder-threads'
import { UserError } from 'fovea/internal/base/errors'
import { functionOf, number, optional, parse, record, type Schema, text, that, whole } from 'fovea/internal/base/schema'
import { told } from 'fovea/internal/host/node/system-errors'
import { boundedAdmission } from '../serving/admission.ts'
import { withHeaders } from '../serving/answers.ts'
import { createMetrics } from '../serving/metrics.ts'
import { withOrigins } from '../serving/origins.ts'
import { checkModelNames, createAnswering, type ServeOptions, serveFields, serverVersion } from '../serving/serve.ts'
import { frontOf, type RequestRecord } from './front.ts'
import { listenerOf } from './listener.ts'
import { type LiveCatalogue, liveCatalogue } from './live-catalogue.ts'
import { loadServed } from './load-served.ts'

/** What `startServer` takes. */
export interface ServerOptions extends ServeOptions {
  /** The path of a model file, of a run directory or of a folder of versions; or several, by the names of the models. */
  readonly models: string | Readonly<Record<string, string>>
  /** 8080 by default; 0: any that is free. */
  readonly port?: number | undefined
  /** The address it listens at: `127.0.0.1` by default, which only this machine can reach. */
  readonly host?: string | undefined
  /** Threads of every model; one for each core by default. */
  readonly threads?: number | undefined
  /** Whoever asks has to send it: `Authorization: Bearer …`. Nobody has to by default. Health can be asked without. */
  readonly token?: string | undefined
  /** Seconds between two looks for new versions: 1 by default; 0: none. */
  readonly poll?: number | undefined
  /** Seconds within which a request has to have arrived, its body too: 30 by default. */
  readonly patience?: number | undefined
  /** Seconds that requests in progress have to be answered when the server ends: 30 by default. */
  readonly drain?: number | undefined
  /** Told of every request. */
  readonly onRequest?: ((request: RequestRecord) => void) | undefined
  /** Told in a sentence of models that come, go or cannot be loaded. */
  readonly onModels?: ((line: string) => void) | undefined
}

/** A server that runs. */
export interface RunningServer {
  /** `http://127.0.0.1:8080`. */
  readonly url: string
  /** The names of its models. */
  readonly models: readonly string[]
  /** Looks at the disk for new versions now. */
  look(): Promise<void>
  /** Takes no new connections, answers what it has taken, gives everything back. */
  close(): Promise<void>
}

const fields = {
  ...serveFields,
  models: that<ServerOptions['models']>(
    'the path of a model, or a record of paths by names',
    value => value !== '' && (typeof value === 'string' || Object.values(Object(value)).every(isPath)),
  ),
  port: optional(whole(0, 65_535), 8080),
  host: optional(text, '127.0.0.1'),
  threads: optional(whole(1, 256)),
  token: optional(text),
  poll: optional(number({ least: 0 }), 1),
  patience: optional(whole(1, 86_400), 30),
  drain: optional(whole(0, 86_400), 30),
  onRequest: optional(functionOf('a request')) as Schema<ServerOptions['onRequest']>,
  onModels: optional(functionOf('a sentence')) as Schema<ServerOptions['onModels']>,
}

const isPath = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** Milliseconds, and how many of them without a request have to pass before a server that ends closes its connections. */
const turn = 50
const quietTurns = 6

/** Connections at once; a file each. */
const mostConnections = 1024

/**
 * Serves models over HTTP until `close` is called: a picture as the body of a POST, the REST interfaces of TensorFlow Serving, KServe and Triton,
 * a page at `/`, figures for Prometheus at `/metrics`. Throws UserError where no model can be loaded and where the port is taken.
 */
export async function startServer(given: ServerOptions): Promise<RunningServer> {
  const options = parse(record(fields), given, 'startServer')
  const { maxBatch, maxDelay, queue, timeout, threads, onModels = () => {} } = options
  const metrics = createMetrics()
  const admission = boundedAdmission({ batch: maxBatch, delay: maxDelay, queue, timeout, onBatch: metrics.batch })
  const catalogue = liveCatalogue({
    models: pathsByName(options.models),
    load: path => loadServed(path, { threads, batch: maxBatch }),
    pollEvery: options.poll * 1000,
    say: onModels,
  })
  /** A server that cannot begin keeps no models. */
  const orNothing = async (step: () => void | Promise<void>): Promise<void> => {
    try {
      await step()
    } catch (error) {
      await catalogue.close()
      throw error
    }
  }
  await catalogue.look()
  await orNothing(() => checkLoaded(catalogue))
  let isEnding = false
  const answer = createAnswering({
    catalogue,
    admission,
    watch: metrics,
    mostBytes: options.maxBytes,
    version: serverVersion,
    isEnding: () => isEnding,
  })
  const front = withOrigins(frontOf({ ...options, answer, catalogue, metrics, admission }), options.origins)
  /** Requests that were taken and are not answered yet, and those that were. */
  let taken = 0
  let answered = 0
  const listener = listenerOf(async question => {
    taken++
    try {
      const reply = await front(question)
      // Whoever keeps the connection would come again.
      return isEnding ? withHeaders(reply, { connection: 'close' }) : reply
    } finally {
      taken--
      answered++
    }
  })
  // How often it is looked who is too slow.
  const server = createServer({ connectionsCheckingInterval: 500 }, listener)
  server.headersTimeout = Math.min(10, options.patience) * 1000
  server.requestTimeout = options.patience * 1000
  server.maxConnections = mostConnections
  await orNothing(() => listening(server, options))
  const address = server.address() as AddressInfo
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  let closing: Promise<void> | undefined
  let stopDecoding = (): void => {}
  // Pictures of several requests are decoded at a time.
  void onOneThreadEach(() => new Promise<void>(done => (stopDecoding = done)))
  return {
    url: `http://${host}:${address.port}`,
    models: catalogue.names(),
    look: catalogue.look,
    close() {
      closing ??= end()
      return closing
    },
  }

  async function end(): Promise<void> {
    isEnding = true
    // Only the door: the server's own close also ends connections whose client may be about to ask.
    const closed = new Promise<void>(done => NetServer.prototype.close.call(server, () => done()))
    const until = performance.now() + options.drain * 1000
    // Who keeps a connection is told to close it with the next answer; a request may still be on its way.
    let quiet = 0
    for (let last = answered; quiet < quietTurns && performance.now() < until; last = answered) {
      await later(turn)
      quiet = taken === 0 && answered === last ? quiet + 1 : 0
    }
    await admission.close()
    server.closeAllConnections()
    await closed
    stopDecoding()
    await catalogue.close()
  }
}

function pathsByName(models: ServerOptions['models']): Readonly<Record<string, string>> {
  if (typeof models === 'string') return { [modelNameOf(models)]: models }
  checkModelNames(Object.keys(models))
  return models
}

/** What a model is called whose place is all that is known: `runs/photos-1` is `photos-1`, `cats.safetensors` is `cats`. */
export const modelNameOf = (path: string): string =>
  basename(resolve(path))
    .replace(/\.\w+$/, '')
    .replace(/[/:?#%]/g, '-') || 'model'

function checkLoaded(catalogue: LiveCatalogue): void {
  for (const name of catalogue.names()) {
    // Throws what is wrong with it.
    try {
      catalogue.lease(name).release()
    } catch (error) {
      throw new UserError({ what: `${name} cannot be served.`, received: (error as Error).message })
    }
  }
}

async function listening(
  server: Server,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<void> {
  const listens = new Promise<void>((resolve_, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve_())
  })
  await told(listens, `The server cannot listen at ${host}, port ${port}`)
}
