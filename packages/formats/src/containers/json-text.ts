/** Configurations in JSON: parsed, and read by their own members alone (a file may name a member `constructor`). */
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import { parseJson } from 'fovea/internal/base/strict-json'
import { allowance, damaged, mostConfiguration } from './limits.ts'

/** Throws UserError for bytes that are no JSON record; `source` names them. */
export function jsonRecordOf(bytes: Uint8Array, source: string, most = mostConfiguration): JsonRecord {
  allowance(source, most).take(bytes.length, 'its text')
  return jsonRecordIn(new TextDecoder().decode(bytes), source)
}

/**
 * Python writes numbers that JSON does not have. The word is found first, and then what stands around it: a long run of blanks is looked
 * at once.
 */
const pythonNumbers = /(?:-?Infinity|NaN)(?<=[[:,]\s*(?:-?Infinity|NaN))(?=\s*[\],}])/g

export function jsonRecordIn(text: string, source: string): JsonRecord {
  const value = parsed(text, source) ?? parsed(text.replace(pythonNumbers, 'null'), source)
  if (isJsonRecord(value)) return value
  throw damaged(source, 'text that is not a record in JSON')
}

/** Undefined for what is no JSON. Throws UserError for JSON that is not taken. */
function parsed(text: string, source: string): Json | undefined {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw damaged(source, `JSON with ${(error as Error).message}`)
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
