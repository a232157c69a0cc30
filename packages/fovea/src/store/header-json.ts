/**
 * The JSON header of a safetensors file, read as strictly as the format asks: an object from the first character on, no key twice in
 * one object, whole numbers written as such, no half of a character. `JSON.parse` takes all that silently, so the text is walked
 * through once more. Sources: https://huggingface.co/docs/safetensors (format section); the reference's tensor.rs and serde_json.
 */
import { isJsonRecord, type Json, type JsonRecord } from '../base/json.ts'
import { shortened } from '../base/text.ts'

/** The reference's limit for lists and objects in each other. */
const deepest = 127

/** @throws Error that says what is wrong with the header. */
export function parseHeader(text: string): JsonRecord {
  const header = parsed(text)
  if (!isJsonRecord(header)) throw new Error('its header is no JSON object')
  if (!text.startsWith('{')) throw new Error('its header does not begin with {')
  checkTokens(text)
  return header
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('its header is not JSON')
  }
}

/** An object (with its keys so far, and the last of them) or a list (without) that is not yet closed. */
interface Open {
  readonly keys?: Set<string>
  key?: string
}

/** `text` is JSON. */
function checkTokens(text: string): void {
  const open: Open[] = []
  let expectsKey = false
  for (let at = 0; at < text.length; ) {
    const character = text[at]!
    const end = character === '"' ? endOfString(text, at) : /[-\d]/.test(character) ? endOfNumber(text, at) : at + 1
    const within = open.at(-1)
    if (character === '{' || character === '[') {
      open.push(character === '{' ? { keys: new Set() } : {})
      expectsKey = character === '{'
      if (open.length > deepest) throw new Error(`its header has more than ${deepest} levels`)
    } else if (character === '}' || character === ']') open.pop()
    else if (character === ',') expectsKey = within?.keys !== undefined
    else if (character === '"') {
      const string: string = JSON.parse(text.slice(at, end))
      if (/\p{Surrogate}/u.test(string)) throw new Error('its header holds half of a character')
      if (expectsKey && within?.keys) {
        if (within.keys.has(string))
          throw new Error(`its header has the key ${shortened(text.slice(at, end), 60)} twice`)
        within.keys.add(string)
        within.key = string
      }
      expectsKey = false
    } else if (isSize(open) && end > at + 1) {
      const number = text.slice(at, end)
      if (/[.eE]|^-0$/.test(number))
        throw new Error(`its header has ${shortened(number, 30)} where a whole number belongs`)
    }
    at = end
  }
}

/** Whether this is a place in the list of a tensor's sizes or offsets. */
function isSize(open: readonly Open[]): boolean {
  return open.length === 3 && open[2]!.keys === undefined && ['shape', 'data_offsets'].includes(open[1]!.key ?? '')
}

function endOfString(text: string, begin: number): number {
  let at = begin + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfNumber(text: string, begin: number): number {
  let at = begin + 1
  while (/[-+.\deE]/.test(text[at] ?? '')) at++
  return at
}
