/** All formats that are fuzzed. */
import { fuzzedData } from './data-formats.ts'
import { type FuzzFormat, fuzzCase } from './format.ts'
import { fuzzedModels } from './model-formats.ts'
import { Draws } from './random.ts'

export const fuzzFormats: readonly FuzzFormat[] = [...fuzzedModels, ...fuzzedData]

/** Formats take turns, so that a run that ends early has read some of each. */
export const formatOf = (formats: readonly FuzzFormat[], at: number): FuzzFormat => formats[at % formats.length]!

/** Number `at` of a run over these formats. */
export async function caseOf(formats: readonly FuzzFormat[], seed: number, at: number): Promise<Uint8Array> {
  const format = formatOf(formats, at)
  const turn = Math.floor(at / formats.length)
  return fuzzCase(format, await seedsOf(format), new Draws(seed, fuzzFormats.indexOf(format), turn))
}

const known = new Map<FuzzFormat, readonly Uint8Array[]>()

export async function seedsOf(format: FuzzFormat): Promise<readonly Uint8Array[]> {
  const seeds = known.get(format) ?? (await format.seeds())
  known.set(format, seeds)
  return seeds
}
