/** `index.json` of a pixel cache: which file's pixels lie in which row, and what is known of the file. */
import path from 'node:path'
import { list, number, optional, parse, record, text, that, whole } from 'fovea/internal/base/schema'
import { parseJson } from 'fovea/internal/base/strict-json'
import { nodeFiles } from 'fovea/internal/host/node/files'

/** A file of a set as the cache knows it. */
export interface CachedFile {
  /** As in the set. */
  readonly name: string
  readonly size: number
  /** Of the last change, in milliseconds. */
  readonly time: number
  /** Of the content, in base64. */
  readonly sha256: string
  /** Of the decoded picture. */
  readonly width: number
  readonly height: number
  readonly isGrey: boolean
  /** Where its pixels lie; −1 for a file that cannot be read. */
  readonly row: number
  /** Why it cannot be read. */
  readonly problem?: string
}

export interface PixelIndex {
  /** The file with the pixels, beside the index. */
  readonly pixels: string
  /** Places for pixels in it, some of which may be empty. Signatures follow, one for each place. */
  readonly rows: number
  readonly files: readonly CachedFile[]
}

const indexFile = 'index.json'
const version = 2
const yesOrNo = that<boolean>('true or false', value => typeof value === 'boolean')

const schema = record({
  version: that<number>('this version', value => value === version),
  pixels: that<string>('a file beside the index', value => typeof value === 'string' && /^[\w-]+\.pixels$/.test(value)),
  // Their signatures are read as a whole.
  rows: whole(0, 1e8),
  files: list(
    record({
      name: text,
      size: whole(0),
      time: number(),
      sha256: text,
      width: whole(0),
      height: whole(0),
      isGrey: yesOrNo,
      row: whole(-1),
      problem: optional(text),
    }),
    'files',
  ),
})

/** Undefined where there is none, or none of this version: then everything is decoded again. */
export async function readIndex(home: string): Promise<PixelIndex | undefined> {
  const place = path.join(home, indexFile)
  if (!(await nodeFiles.exists(place))) return undefined
  try {
    const content = new TextDecoder().decode(await nodeFiles.read(place, 'data'))
    const index = parse(schema, parseJson(content), place) as PixelIndex
    return index.files.every(({ row }) => row < index.rows) ? index : undefined
  } catch {
    return undefined
  }
}

export async function writeIndex(home: string, index: PixelIndex): Promise<void> {
  const content = JSON.stringify({ version, ...index })
  await nodeFiles.write(path.join(home, indexFile), new TextEncoder().encode(content))
}
