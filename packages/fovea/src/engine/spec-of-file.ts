/** How the pictures of a model file become its input. Loaded for files that say it. */
import type { JsonRecord } from '../base/json.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'

/** Throws UserError naming every field that is wrong. */
export const specOfFile = (saved: JsonRecord): PreprocessSpec => parseSpec(saved)
