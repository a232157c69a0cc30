/** Replies, as all protocols write them. */
import type { Reply } from './contract.ts'

export function jsonReply(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return textReply(JSON.stringify(value), status, headers)
}

/** JSON that is written already. */
export function textReply(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: [text] }
}

/** The same reply with these headers as well. */
export const withHeaders = (reply: Reply, headers: Readonly<Record<string, string>>): Reply => ({
  ...reply,
  headers: { ...reply.headers, ...headers },
})
