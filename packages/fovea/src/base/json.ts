/** What JSON can hold. Configurations, file metadata and reports are made of it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type JsonRecord = { readonly [key: string]: Json }

/** Whether a parsed value is an object with named members (neither null nor an array). */
export function isJsonRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A number as JSON can hold it: NaN and the infinities, for which it has no word, as texts. */
export function numberToJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

/** The number again; undefined for what is none. */
export function numberFromJson(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}
