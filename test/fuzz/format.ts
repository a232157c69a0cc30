/** A format as the fuzzer knows it: good files, changes that keep its form, and the readers that a user's file comes to. */
import { changedBytes } from './mutate-bytes.ts'
import type { Draws } from './random.ts'

export interface FuzzFormat {
  readonly name: string
  /** A few good files. Each must be read. */
  seeds(): Promise<readonly Uint8Array[]>
  /** One change that knows the format. Changes of bytes are added by whoever asks. */
  change(bytes: Uint8Array, draws: Draws): Uint8Array | Promise<Uint8Array>
  /** Throws UserError for what is not read. `box`: a folder that may be written to, and nothing else. */
  read(bytes: Uint8Array, box: string): unknown
}

/** Far below the usual ones: what is held beyond them is a fault. */
export const limits = { bytes: 2 ** 25, configuration: 2 ** 22 }

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const jsonBytes = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value))

/** Changes double parts: a file that grew so far is changed no more. */
const largest = 2 ** 20

/** A good file, changed one to four times, most often once. */
export async function fuzzCase(format: FuzzFormat, seeds: readonly Uint8Array[], draws: Draws): Promise<Uint8Array> {
  let bytes = draws.of(seeds)
  for (let change = draws.once(2) ? draws.below(4) : 0; change >= 0 && bytes.length < largest; change--)
    bytes = draws.once(4) ? changedBytes(bytes, draws) : await format.change(bytes, draws)
  return bytes
}
