/**
 * What a model of Fovea knows and other formats have no word for, in a place of the file that other programs pass over: its own
 * configuration, how pictures become its input, the names of its classes. So Fovea reads back what it wrote.
 */
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import { type ModelFile, modelFileOf, writtenBy } from 'fovea/internal/store/model-file'

/** Where a format has names: what this is called. */
export const ownName = 'fovea'

/** All but the weights. */
export function ownWords({ model, preprocess, classNames, recipe }: ModelFile): JsonRecord {
  return {
    ...writtenBy,
    ...(model && { model }),
    ...(preprocess && { preprocess }),
    ...(classNames && { classNames }),
    ...(recipe && { recipe }),
  }
}

/** The file with what its own words say in place of what was read of it. Throws UserError for words that are damaged. */
export function withOwnWords(file: ModelFile, words: Json | undefined, source: string): ModelFile {
  if (!isJsonRecord(words) || words['format'] !== writtenBy.format) return file
  const metadata = Object.entries(words).map(([key, value]) => {
    return [key, typeof value === 'string' ? value : JSON.stringify(value)] as const
  })
  const { weights: _, ...own } = modelFileOf({ metadata: Object.fromEntries(metadata), tensors: [] }, source)
  return { ...file, ...own }
}
