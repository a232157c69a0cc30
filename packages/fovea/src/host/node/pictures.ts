/**
 * Pictures in Node, by the package @fovea/pictures, which is looked for when the first one is needed: whoever only trains on arrays
 * installs and loads nothing.
 */

import { fileURLToPath } from 'node:url'
import { checkArguments } from '../../base/arguments.ts'
import { PictureError, UserError } from '../../base/errors.ts'
import {
  type AnyPicture,
  fileBytes,
  hasPixels,
  isBlob,
  type Picture,
  type PictureBytes,
  type PictureLike,
  pictureFromPixels,
} from '../../base/picture.ts'
import { that } from '../../base/schema.ts'
import { show } from '../../base/show.ts'

/** A picture file as a picture: its path or file URL. Throws UserError: no such file; PictureError: not a picture, damaged, too large. */
export async function readPicture(path: string | { readonly href: string }): Promise<Picture> {
  const place = pathOf(path)
  checkArguments('readPicture', { path: that<string>('a path or a file URL', isPath) }, { path: place ?? path })
  try {
    return await (await pictureFiles()).readPicture(place!)
  } catch (error) {
    const noFile = error instanceof UserError && !(error instanceof PictureError)
    throw noFile && isContent(place!) ? contentForPath(place!) : error
  }
}

/**
 * The bytes of a picture file as a picture: PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP, turned upright, its first frame, colours in sRGB.
 * Throws PictureError: not a picture, damaged, too large. It needs the package @fovea/pictures.
 */
export async function decodePicture(bytes: PictureBytes): Promise<Picture> {
  return (await pictureFiles()).decodePicture(bytes)
}

/** Writes a PNG, and makes the folders above it. It needs the package @fovea/pictures. */
export async function writePng(path: string, picture: PictureLike): Promise<void> {
  return (await pictureFiles()).writePng(path, picture)
}

/** A picture of whatever holds one in Node: pixels, the bytes of a file, its path or URL, a `Blob`. */
export async function openPicture(given: AnyPicture, name: string): Promise<Picture> {
  if (hasPixels(given)) return pictureFromPixels(given, name)
  const bytes = fileBytes(given) ?? (isBlob(given) ? new Uint8Array(await given.arrayBuffer()) : undefined)
  if (bytes) return (await pictureFiles()).decodePicture(bytes, name)
  const path = pathOf(given)
  if (path !== undefined) return readPicture(path)
  throw new UserError({
    what: `${name} cannot be opened.`,
    expected: 'a picture {width, height, channels, data}, the bytes of its file, its path or file URL, or a Blob',
    received: show(given),
    ...(isStream(given) && { fix: "collect it: await buffer(stream), with { buffer } of 'node:stream/consumers'" }),
  })
}

const isStream = (value: unknown): boolean => typeof Object(value)[Symbol.asyncIterator] === 'function'

/** A page, JSON, several lines, bytes read as text, more than a path may have: what a body holds, not the name of a file. */
const isContent = (text: string): boolean =>
  text.length > 4096 || /^\s*(<[!?a-z]|[{[]\s*["{[\]}])|[\0\n\r\uFFFD]/i.test(text)

const contentForPath = (text: string): UserError =>
  new UserError({
    what: 'What a file holds was given as a text, where a text is the path of a file.',
    expected: 'a path, a file URL, or bytes',
    received: show(text),
    fix: 'give the bytes: a Buffer, not a text',
  })

const isPath = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** Of a file on this machine; undefined for what is none. Throws UserError for an address of the web. */
function pathOf(given: unknown): string | undefined {
  const text = typeof given === 'string' ? given : (Object(given) as { readonly href?: unknown }).href
  if (typeof text !== 'string' || text === '') return undefined
  if (/^file:/i.test(text)) return fileURLToPath(text)
  if (/^(https?|data|blob):/i.test(text)) {
    throw new UserError({
      what: 'A picture of the web is not fetched.',
      expected: 'a path, a file URL, or bytes',
      received: show(text),
      fix: 'fetch it and give its bytes: new Uint8Array(await (await fetch(url)).arrayBuffer())',
    })
  }
  return typeof given === 'string' ? given : undefined
}

/** What is used of the other package, whose types this one cannot ask for: it builds on this one. */
interface PictureFiles {
  readPicture(path: string): Promise<Picture>
  decodePicture(bytes: PictureBytes, name?: string): Promise<Picture>
  writePng(path: string, picture: PictureLike): Promise<void>
}

async function pictureFiles(): Promise<PictureFiles> {
  // In a variable and marked, so that no bundler looks for a package that need not be there.
  const name = '@fovea/pictures'
  try {
    return await import(
      /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ `${name}/internal/pictures`
    )
  } catch (error) {
    const code = String(Object(error).code)
    if (code === 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG')
      throw new UserError({
        what: 'Picture files are read and written by the package @fovea/pictures, which Jest loads only with an option.',
        fix: 'NODE_OPTIONS=--experimental-vm-modules npx jest',
      })
    if (!/ERR_MODULE_NOT_FOUND|ERR_UNSUPPORTED_DIR_IMPORT/.test(code)) throw error
    throw new UserError({
      what: 'Picture files are read and written by the package @fovea/pictures, which is not installed.',
      fix: 'npm install @fovea/pictures',
    })
  }
}
