/**
 * A model's file opened, with those beside it: shards of weights, names of classes. In: a path and the files of a host, or bytes. Out: what
 * `readModel` takes. What a file names beside itself is read from its own folder and nowhere else.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import type { OpenedFile } from './model-formats.ts'

/** Throws UserError where the file cannot be read. */
export async function openedFile(files: Pick<Files, 'read' | 'exists' | 'join'>, path: string): Promise<OpenedFile> {
  return {
    bytes: await files.read(path),
    source: path,
    async beside(name) {
      checkInside(name, path)
      const place = besideOf(files, path, name)
      return (await files.exists(place)) ? files.read(place) : undefined
    },
  }
}

/** The path of a file in the folder of another one. */
export function besideOf({ join }: Pick<Files, 'join'>, path: string, name: string): string {
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return folder === '' ? name : join(folder, name)
}

/** Several files, by their names; `main` is the one that says what the others are. */
export const openedAmong = (files: ReadonlyMap<string, Uint8Array>, main: string): OpenedFile => {
  const folder = main.slice(0, main.lastIndexOf('/') + 1)
  return {
    bytes: files.get(main)!,
    source: main,
    async beside(name) {
      checkInside(name, main)
      return files.get(folder + name)
    },
  }
}

/** Throws UserError for a path out of the folder and for an address. */
export function checkInside(name: string, source: string): void {
  const parts = name.split('/')
  if (name !== '' && !/[\\:\0]/.test(name) && !parts.some(part => part === '' || part === '.' || part === '..')) return
  throw new UserError({
    what: `${source} names a file outside of its folder, which is not read.`,
    expected: 'the name of a file beside it',
    received: JSON.stringify(name.slice(0, 200)),
    fix: 'put the file into the same folder, and its name into the model',
  })
}
