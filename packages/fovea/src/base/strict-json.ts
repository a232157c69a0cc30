/**
 * JSON from files of strangers. `JSON.parse` takes silently what two programs would read differently, or what becomes more than data: a key
 * twice in one record (the last one counts), the key `__proto__` (a copied record would get another prototype), nesting so deep that
 * whoever walks it runs out of stack. All three are errors that name what they found. In: text. Out: the value.
 */
import type { Json } from './json.ts'
import { shortened } from './text.ts'

/** Of records and lists in each other. A configuration of networks in networks has some two hundred. */
export const deepestJson = 500

/** A record (with its keys so far, and the last of them) or a list (without) that is not yet closed. */
export interface OpenJson {
  readonly keys?: Set<string>
  key?: string
}

/** What a reader asks besides; each throws Error that says what is wrong. `open`: where the text stands. */
export interface JsonRules {
  readonly deepest?: number
  /** Names of anything are keys: none becomes the member of a record. */
  readonly anyKey?: boolean
  /** A text or a key, decoded. */
  string?(value: string): void
  /** A number as it is written. */
  number?(written: string, open: readonly OpenJson[]): void
}

/** @throws SyntaxError for what is no JSON, and Error for JSON that is not taken. */
export function parseJson(text: string, rules: JsonRules = {}): Json {
  const value: Json = JSON.parse(text)
  checkTokens(text, rules)
  return value
}

/** `text` is JSON. Each character is looked at once. */
function checkTokens(text: string, { deepest = deepestJson, anyKey = false, string, number }: JsonRules): void {
  const open: OpenJson[] = []
  let expectsKey = false
  for (let at = 0; at < text.length; ) {
    const sign = text[at]!
    if (sign === '"') {
      const end = endOfString(text, at)
      const isKey = expectsKey
      if (isKey || string) {
        const written = text.slice(at, end)
        const value: string = written.includes('\\') ? JSON.parse(written) : written.slice(1, -1)
        string?.(value)
        if (isKey && value === '__proto__' && !anyKey) throw new Error('the key "__proto__"')
        if (isKey) addKey(open.at(-1)!, value, written)
      }
      expectsKey = false
      at = end
      continue
    }
    if (number && /[-\d]/.test(sign)) {
      const end = endOfNumber(text, at)
      number(text.slice(at, end), open)
      at = end
      continue
    }
    if (sign === '{' || sign === '[') {
      open.push(sign === '{' ? { keys: new Set() } : {})
      expectsKey = sign === '{'
      if (open.length > deepest) throw new Error(`more than ${deepest} levels`)
    } else if (sign === '}' || sign === ']') {
      open.pop()
      expectsKey = false
    } else if (sign === ',') expectsKey = open.at(-1)?.keys !== undefined
    at++
  }
}

function addKey(within: OpenJson, key: string, written: string): void {
  if (within.keys!.has(key)) throw new Error(`the key ${shortened(written, 60)} twice`)
  within.keys!.add(key)
  within.key = key
}

/** Behind the closing sign: the first one with an even number of backslashes in front of it. */
function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; ; at++) {
    at = text.indexOf('"', at)
    let before = at
    while (text[before - 1] === '\\') before--
    if ((at - before) % 2 === 0) return at + 1
  }
}

function endOfNumber(text: string, begin: number): number {
  let at = begin + 1
  while (/[-+.\deE]/.test(text[at] ?? '')) at++
  return at
}
