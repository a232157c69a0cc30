/**
 * Which pictures `predict` is asked about. In: its words (files, folders with all pictures below them, `-` for a list of paths on
 * standard input) and the part of the list that this machine takes. Out: the files in order, and what cannot be looked at. Files
 * are listed, not read.
 */

import { type FoundPictures, pathOrder, picturesIn, type SkippedEntry } from '@fovea/pictures/internal/picture-folder'
import { UserError } from 'fovea/internal/base/errors'
import { hasPictureEnding, kindOfFile } from 'fovea/internal/base/file-kind'
import { inBytes } from 'fovea/internal/base/text'
import { linesOf, textOf } from 'fovea/internal/base/text-file'
import { isFolder } from 'fovea/internal/host/node/paths'
import type { Context, StandardInput } from '../command/command.ts'
import type { FailedFile } from '../command/each-file.ts'
import type { Option } from '../command/options.ts'
import { tellPassedOver } from '../command/passed-over.ts'

/** One of several equal parts of a list, from 1. */
export interface Shard {
  readonly part: number
  readonly of: number
}

export const shardOption: Option<Shard> = {
  help: '2/8 is only the second of eight equal parts of the sorted list, for eight machines',
  value: 'K/N',
  read: written => {
    const [, part, of] = (/^(\d+)\/(\d+)$/.exec(written) ?? []).map(Number)
    return part !== undefined && of !== undefined && part >= 1 && part <= of && Number.isSafeInteger(of)
      ? { value: { part, of } }
      : { expected: 'a part and their number: 2/8' }
  },
}

export interface AskedPictures {
  readonly files: readonly string[]
  readonly failed: readonly FailedFile[]
}

/** Throws UserError where all words together name no picture. */
export async function askedPictures(
  context: Pick<Context, 'note' | 'stdin'>,
  words: readonly string[],
  shard?: Shard,
): Promise<AskedPictures> {
  const files: string[] = []
  const failed: FailedFile[] = []
  const skipped: SkippedEntry[] = []
  const names: string[] = []
  for (const word of words) for (const name of word === '-' ? await pathsFrom(context) : [word]) names.push(name)
  for (const name of names) {
    try {
      if (!(await isFolderName(name))) files.push(name)
      else {
        const found = await picturesIn(name)
        for (const file of found.files) files.push(file)
        for (const { path, problems } of found.refused) failed.push({ file: path, problems })
        if (found.files.length === 0 && found.refused.length === 0) throw noPictures(name, found)
        for (const entry of found.skipped) skipped.push(entry)
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      failed.push({ file: name, problems: error.problems })
    }
  }
  tellPassedOver(context, skipped)
  if (files.length === 0) throw new UserError(failed.flatMap(({ problems }) => problems))
  return { files: shard === undefined ? files : shardOf(files.toSorted(pathOrder), shard), failed }
}

/** Parts of a list differ by one at most; one after the other they are the list. */
export function shardOf<T>(list: readonly T[], { part, of }: Shard): readonly T[] {
  const begin = (before: number): number => Math.floor((list.length * before) / of)
  return list.slice(begin(part - 1), begin(part))
}

/** What is called as pictures are is believed to be one, so that long lists need no look at each. */
const isFolderName = async (name: string): Promise<boolean> =>
  (!hasPictureEnding(name) || /[\\/]$/.test(name)) && isFolder(name)

/** The most bytes of a list of paths. */
const mostBytes = 256 * 1024 ** 2

/** The paths on standard input: one a line, or each ended by a zero byte (`find -print0`), which no path holds. */
async function pathsFrom(context: Pick<Context, 'note' | 'stdin'>): Promise<string[]> {
  const input: StandardInput = context.stdin()
  if (input.isTTY) context.note('paths of pictures are read from here, one a line; Ctrl-D ends the list.')
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of input) {
    chunks.push(chunk)
    length += chunk.length
    if (length > mostBytes)
      throw new UserError({
        what: 'The list on standard input is too long.',
        expected: `at most ${inBytes(mostBytes)} of paths`,
        fix: 'Name the folder of the pictures, or split the list.',
      })
  }
  const bytes = Buffer.concat(chunks)
  const kind = kindOfFile(bytes.subarray(0, 4096))
  if (kind?.group === 'picture')
    throw new UserError({
      what: 'Standard input is not a list of paths.',
      expected: 'the path of a picture in each line',
      received: kind.name,
      fix: 'Name the file itself.',
    })
  const paths = (
    bytes.includes(0) ? bytes.toString('utf8').split('\0') : linesOf(textOf(bytes, 'standard input'))
  ).filter(path => path.trim() !== '')
  if (paths.length > 0) return paths
  throw new UserError({ what: 'Standard input names no picture.', expected: 'the path of a picture in each line' })
}

function noPictures(folder: string, { skipped }: FoundPictures): UserError {
  const [first] = skipped
  return new UserError({
    what: `${folder} is a folder without pictures that are read.`,
    expected: 'PNG, JPEG, WebP, GIF, TIFF, AVIF or BMP in it or below it',
    received:
      first === undefined
        ? 'an empty folder'
        : `${skipped.length === 1 ? '' : `${skipped.length} other files and folders, the first `}${first.path}: ${first.reason}`,
  })
}
