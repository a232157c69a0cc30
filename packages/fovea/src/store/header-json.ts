/**
 * The JSON header of a safetensors file, read as strictly as the format asks: an object from the first character on, no key twice in
 * one object, whole numbers written as such, no half of a character.
 * Sources: https://huggingface.co/docs/safetensors (format section); the reference's tensor.rs and serde_json.
 */
import { isJsonRecord, type JsonRecord } from '../base/json.ts'
import { type JsonRules, type OpenJson, parseJson } from '../base/strict-json.ts'
import { shortened } from '../base/text.ts'

const rules: JsonRules = {
  // The reference's limit.
  deepest: 127,
  anyKey: true,
  string(value) {
    if (/\p{Surrogate}/u.test(value)) throw new Error('half of a character')
  },
  number(written, open) {
    if (isSize(open) && /[.eE]|^-0$/.test(written))
      throw new Error(`${shortened(written, 30)} where a whole number belongs`)
  },
}

/** @throws Error that says what is wrong with the header. */
export function parseHeader(text: string): JsonRecord {
  const header = parsed(text)
  if (!isJsonRecord(header)) throw new Error('its header is no JSON object')
  if (!text.startsWith('{')) throw new Error('its header does not begin with {')
  return header
}

function parsed(text: string) {
  try {
    return parseJson(text, rules)
  } catch (error) {
    throw new Error(
      error instanceof SyntaxError ? 'its header is not JSON' : `its header has ${(error as Error).message}`,
    )
  }
}

/** Whether this is a place in the list of a tensor's sizes or offsets. */
function isSize(open: readonly OpenJson[]): boolean {
  return open.length === 3 && open[2]!.keys === undefined && ['shape', 'data_offsets'].includes(open[1]!.key ?? '')
}
