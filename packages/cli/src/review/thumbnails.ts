/** Small pictures made when they are first asked for and kept in memory, the latest used of them, up to a limit. */
import { join } from 'node:path'
import { thumbnail } from '@fovea/pictures/internal/thumbnail'
import { UserError } from 'fovea/internal/base/errors'
import { isFile } from 'fovea/internal/host/node/paths'

/** A picture fills its frame on a screen with two pixels to a point. */
const side = 320
const mostBytes = 96 << 20

export function thumbnailsOf(folder: string): (places: readonly string[]) => Promise<Uint8Array<ArrayBuffer>> {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  let bytes = 0

  return async places => {
    const key = places.at(-1)!
    const known = kept.get(key)
    const made = known ?? (await smallPicture(folder, places))
    // Two may have asked at once.
    if (!kept.delete(key)) bytes += made.length
    kept.set(key, made)
    for (const [oldest, { length }] of kept) {
      if (bytes <= mostBytes) break
      kept.delete(oldest)
      bytes -= length
    }
    return made
  }
}

async function smallPicture(folder: string, places: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  for (const place of places) {
    const file = join(folder, place)
    if (await isFile(file)) return thumbnail(file, side)
  }
  throw new UserError({ what: `${places.at(-1)} is not there any more.` })
}
