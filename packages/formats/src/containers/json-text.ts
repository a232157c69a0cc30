/** Configurations in JSON: parsed, and read by their own members alone (a file may name a member `constructor`). */
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import { allowance, damaged, mostConfiguration } from './limits.ts'

/** Throws UserError for bytes that are no JSON record; `source` names them. */
export function jsonRecordOf(bytes: Uint8Array, source: string): JsonRecord {
  if (bytes.length > mostConfiguration) allowance(source, mostConfiguration).take(bytes.length, 'its text')
  return jsonRecordIn(new TextDecoder().decode(bytes), source)
}

/** Python writes numbers that JSON does not have. */
const pythonNumbers = /(?<=[[:,]\s*)(-?Infinity|NaN)(?=\s*[\],}])/g

export function jsonRecordIn(text: string, source: string): JsonRecord {
  if (isDeeperThan(text, mostDepth)) throw damaged(source, `JSON that is nested more than ${mostDepth} deep`)
  const value = parsed(text) ?? parsed(text.replace(pythonNumbers, 'null'))
  if (isJsonRecord(value)) return value
  throw damaged(source, 'text that is not a record in JSON')
}

/** Of brackets in brackets: a configuration of networks in networks has some two hundred at most. What reads it calls itself. */
const mostDepth = 500

function isDeeperThan(text: string, most: number): boolean {
  let [depth, isText] = [0, false]
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (isText && sign === '\\') at++
    else if (sign === '"') isText = !isText
    else if (isText) continue
    else if (sign === '[' || sign === '{') depth++
    else if (sign === ']' || sign === '}') depth--
    if (depth > most) return true
  }
  return false
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A member; undefined where the record has none of its own. */
export const member = (of: Json | undefined, name: string): Json | undefined =>
  isJsonRecord(of) && Object.hasOwn(of, name) ? of[name] : undefined

export function textMember(of: Json | undefined, name: string): string | undefined {
  const value = member(of, name)
  return typeof value === 'string' ? value : undefined
}

export function recordMember(of: Json | undefined, name: string): JsonRecord | undefined {
  const value = member(of, name)
  return isJsonRecord(value) ? value : undefined
}

export function listMember(of: Json | undefined, name: string): readonly Json[] | undefined {
  const value = member(of, name)
  return Array.isArray(value) ? value : undefined
}
