/** How fast a folder of photographs becomes the pixels of a model, beside the decoder alone (`decode-process.mjs`). */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { columns } from '../packages/fovea/src/base/text.ts'
import { ownVersions, root, signature } from './machine.ts'
import { least } from './statistics.ts'

/** What the process finds: seconds of each round. */
export interface Decoding {
  readonly files: number
  readonly bytesPerFile: number
  readonly seconds: {
    readonly decoder: readonly number[]
    readonly cache: readonly number[]
    /** Listed and opened again, nothing decoded. */
    readonly again: readonly number[]
  }
  readonly peakBytes: number
}

export type DecodingDocument = ReturnType<typeof signature> & {
  readonly versions: Readonly<Record<string, string>>
  readonly decoding: Decoding
}

export async function measureDecoding(): Promise<DecodingDocument> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'bench/decode-process.mjs')])
  return { ...signature(), versions: ownVersions(), decoding: JSON.parse(stdout) as Decoding }
}

/** Least times of the rounds. */
export function decodingText({ decoding }: DecodingDocument): string {
  const { files, bytesPerFile, seconds, peakBytes } = decoding
  const decoder = least(seconds.decoder)
  const row = (name: string, time: number) => [
    name,
    time.toFixed(2),
    (files / time).toFixed(0),
    `${((100 * decoder) / time).toFixed(0)} %`,
  ]
  const rows = [
    row('decoder alone', decoder),
    row('into the pixel cache', least(seconds.cache)),
    row('opened again', least(seconds.again)),
  ]
  const titles = [`${files} files of ${(bytesPerFile / 1000).toFixed(1)} KB`, 'seconds', 'a second', 'of the decoder']
  const table = titles.map((title, at) => ({
    title,
    cells: rows.map(cells => cells[at]!),
    ...(at > 0 && { align: 'right' as const }),
  }))
  return `${columns(table)}\n\npeak memory ${(peakBytes / 1e6).toFixed(0)} MB`
}
