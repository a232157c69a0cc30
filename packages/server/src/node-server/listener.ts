/**
 * Node's own HTTP around what answers: of every request a question, of every reply what is sent. In: what answers. Out: the listener of a
 * server. It makes no `Request` and no stream of the web: for a small picture they take as long as its answer.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { jsonReply } from '../serving/answers.ts'
import { type Answering, brokenOff, type Question, type Reply } from '../serving/contract.ts'

export function listenerOf(answer: Answering): RequestListener {
  return async (incoming, outgoing) => {
    // Who has gone is not written to.
    outgoing.on('error', () => {})
    send(await replyTo(incoming, outgoing, answer), outgoing)
    if (!incoming.complete) letPass(incoming)
  }
}

async function replyTo(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answering): Promise<Reply> {
  const url = urlOf(incoming.url ?? '/')
  if (url === undefined) return jsonReply({ error: 'The address is none.' }, 400)
  try {
    return await answer(questionOf(incoming, outgoing, url))
  } catch {
    return jsonReply({ error: 'The server failed at this request.' }, 500)
  }
}

/** Only path and query are asked for. A proxy's request has a whole address. */
function urlOf(target: string): URL | undefined {
  const whole = target.startsWith('/') ? `http://localhost${target}` : target
  return URL.canParse(whole) ? new URL(whole) : undefined
}

function questionOf(incoming: IncomingMessage, outgoing: ServerResponse, url: URL): Question {
  let gone: AbortController | undefined
  return {
    method: incoming.method ?? 'GET',
    url,
    header(name) {
      const value = incoming.headers[name]
      return value === undefined ? null : String(value)
    },
    get signal() {
      gone ??= goneWith(outgoing)
      return gone.signal
    },
    read: take => partsOf(incoming, take),
  }
}

/** Aborted where the connection closes before the answer is sent. */
function goneWith(outgoing: ServerResponse): AbortController {
  const gone = new AbortController()
  if (outgoing.closed) gone.abort()
  else outgoing.once('close', () => outgoing.writableFinished || gone.abort())
  return gone
}

function partsOf(incoming: IncomingMessage, take: (part: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown): void => {
      incoming.off('data', part).off('end', end).off('error', broken).off('close', broken)
      if (error === undefined) resolve()
      else reject(error)
    }
    const part = (bytes: Uint8Array): void => {
      try {
        take(bytes)
      } catch (error) {
        incoming.pause()
        end(error)
      }
    }
    const broken = (): void => end(brokenOff())
    if (incoming.readableEnded) resolve()
    else if (incoming.destroyed) reject(brokenOff())
    else incoming.on('data', part).once('end', end).once('error', broken).once('close', broken)
  })
}

function send({ status, headers, body }: Reply, outgoing: ServerResponse): void {
  const parts = body.map(part => (typeof part === 'string' ? Buffer.from(part) : part))
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  outgoing.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': length })
  for (const part of parts.slice(0, -1)) outgoing.write(part)
  outgoing.end(parts.at(-1))
}

/** Milliseconds. */
const passing = 500

/** What is left of a body that nobody reads goes by for a moment: a client that still sends does not see the answer of a closed connection. */
function letPass(incoming: IncomingMessage): void {
  const { socket } = incoming
  const timer = setTimeout(() => socket.destroySoon(), passing)
  const done = (): void => clearTimeout(timer)
  incoming.once('end', done).once('close', done)
  incoming.resume()
}
