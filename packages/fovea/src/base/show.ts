/** What a value is, in the few words that an error has room for. Never throws, whatever the value, and never prints its bytes. */
import { grouped } from './text.ts'

/** `null`, `a string`, `an Int32Array`, `a function`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  const kind = typeof value === 'object' ? className(value) : typeof value
  return `${/^[aeio]/i.test(kind) ? 'an' : 'a'} ${kind}`
}

/** Numbers, words and short JSON as they are written (at most `most` signs), everything else by its kind. */
export function show(value: unknown, most = 80): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value)
  if (typeof value === 'string') return cut(JSON.stringify(value), most)
  if (typeof value !== 'object') return kindOf(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return sized(value)
  if (Array.isArray(value) && value.length > most) return `a list of ${grouped(value.length)} values`
  try {
    return cut(
      JSON.stringify(value, (_, each: unknown) => (isPlain(each) ? each : show(each))),
      most,
    )
  } catch {
    return kindOf(value)
  }
}

/** `a Uint8Array of 24,576 values`, `an ArrayBuffer of 12 bytes`; of other objects the kind. */
function sized(value: object): string {
  const { length, byteLength, size } = value as { length?: unknown; byteLength?: unknown; size?: unknown }
  if (ArrayBuffer.isView(value) && typeof length === 'number') return `${kindOf(value)} of ${grouped(length)} values`
  const bytes = byteLength ?? ('arrayBuffer' in value ? size : undefined)
  return typeof bytes === 'number' ? `${kindOf(value)} of ${grouped(bytes)} bytes` : kindOf(value)
}

/** What JSON writes as it is; NaN, functions and arrays of bytes it would turn into null, nothing or thousands of numbers. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'object'
    ? !ArrayBuffer.isView(value)
    : typeof value === 'string' || typeof value === 'boolean'
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** Generators have no class of their own, but a tag. */
function className(value: object): string {
  const own: unknown = value.constructor?.name
  return typeof own === 'string' && own !== '' ? own : Object.prototype.toString.call(value).slice(8, -1)
}
