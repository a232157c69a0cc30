/** The body of a request, read under a limit that is counted while it comes: what a client says of its length is not believed. */
import { fromBase64 } from 'fovea/internal/base/base64'
import { isJsonRecord, type Json } from 'fovea/internal/base/json'
import { parseJson } from 'fovea/internal/base/strict-json'
import { inBytes } from 'fovea/internal/base/text'
import { type Question, Refusal } from './contract.ts'

/** Bytes of bodies that a server holds at a time, those of all requests together. */
export interface ByteBudget {
  /** False where there is no room for so many. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function byteBudget(most: number): ByteBudget {
  let held = 0
  return {
    take(bytes) {
      if (held + bytes > most) return false
      held += bytes
      return true
    },
    give(bytes) {
      held -= bytes
    },
  }
}

/** What one request may take; all that it took is given back when it is answered. */
export interface BodyLimits {
  /** Of one body. */
  readonly most: number
  take(bytes: number): boolean
}

export async function bodyOf(question: Question, { most, take }: BodyLimits): Promise<Uint8Array<ArrayBuffer>> {
  const coding = question.header('content-encoding') ?? 'identity'
  if (coding !== 'identity')
    throw new Refusal(415, `A body in the coding '${coding.slice(0, 40)}' is not taken. Send it as it is.`)
  if (Number(question.header('content-length')) > most) throw tooLarge(most)
  const parts: Uint8Array[] = []
  let length = 0
  await question.read(part => {
    length += part.length
    if (length > most) throw tooLarge(most)
    if (!take(part.length)) throw tooMany()
    parts.push(part)
  })
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const tooLarge = (most: number): Refusal =>
  new Refusal(413, `The body is larger than ${inBytes(most)}, the most that is taken here.`)

const tooMany = (): Refusal =>
  new Refusal(503, 'The server holds as many bytes of requests as it can.', { 'retry-after': '1' })

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Lists in lists hold numbers of pictures: some ten deep are plenty. */
const deepest = 32

/** Throws Refusal where it is none, or not taken: keys twice, `__proto__`, lists without end. */
export function jsonIn(bytes: Uint8Array): Json {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw new Refusal(400, 'The body is no text in UTF-8, and JSON is.')
  }
  try {
    return parseJson(text, { deepest })
  } catch (error) {
    const { message } = error as Error
    // What engines say of it may hold a piece of the body.
    const place = /position (\d+)/.exec(message)?.[1]
    if (error instanceof SyntaxError)
      throw new Refusal(400, `The body is no JSON${place === undefined ? '' : `: see character ${place}`}.`)
    throw new Refusal(400, `The body is JSON that is not taken: ${message}.`)
  }
}

/** A record of JSON. Throws Refusal for anything else. */
export function recordOf(bytes: Uint8Array): Readonly<Record<string, Json>> {
  const json = jsonIn(bytes)
  if (isJsonRecord(json)) return json
  throw new Refusal(400, 'The body is no JSON object.')
}

/** Base64, also behind the begin of a data URL. Throws Refusal, naming `what`, where it is none. */
export function base64Of(text: string, what: string): Uint8Array<ArrayBuffer> {
  const plain = text
    .replace(/^data:[^,]*;base64,/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
  try {
    return fromBase64(plain)
  } catch {
    throw new Refusal(400, `${what} is no base64.`)
  }
}
