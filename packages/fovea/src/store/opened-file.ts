/**
 * A model's file opened, with those beside it: shards of weights, names of classes. In: a path and the files of a host, or files by their
 * names. Out: what `readModel` takes. What a file names beside itself is read from its own folder and nowhere else.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import type { OpenedFile } from './model-formats.ts'

type Disk = Pick<Files, 'read' | 'exists' | 'join' | 'list' | 'isWithin'>

/** Of a folder the model in it. Throws UserError where the file cannot be read, and for a folder with no model in it or several. */
export async function openedFile(files: Disk, path: string): Promise<OpenedFile> {
  const names = await files.list(path)
  if (names.length > 0) {
    const { mainOf } = await import('./model-among-files.ts')
    return openedFile(files, files.join(path, await mainOf(names, path)))
  }
  return {
    bytes: await files.read(path),
    source: path,
    async beside(name) {
      checkInside(name, path)
      const place = besideOf(files, path, name)
      if (!(await files.exists(place))) return undefined
      const isInside = (await files.isWithin?.(folderOf(path) || '.', place)) ?? true
      if (!isInside) throw leadsOut(name, path)
      return files.read(place)
    },
  }
}

/** With the separator at its end; empty where the path is a name alone. */
const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)

/** The path of a file in the folder of another one. */
export function besideOf({ join }: Pick<Files, 'join'>, path: string, name: string): string {
  const folder = folderOf(path)
  return folder === '' ? name : join(folder, name)
}

/** `main` is the file that says what the others are; `read` gives one by its path, where there is one. */
export async function openedAmong(
  read: (path: string) => Promise<Uint8Array | undefined>,
  main: string,
  source = main,
): Promise<OpenedFile> {
  const bytes = await read(main)
  if (!bytes) throw new UserError({ what: `${source} is not there.`, expected: main })
  return {
    bytes,
    source,
    async beside(name) {
      checkInside(name, source)
      return read(folderOf(main) + name)
    },
  }
}

/** Throws UserError for a path out of the folder and for an address. */
export function checkInside(name: string, source: string): void {
  const parts = name.split('/')
  if (name !== '' && !/[\\:\0]/.test(name) && !parts.some(part => part === '' || part === '.' || part === '..')) return
  throw leadsOut(name, source)
}

const leadsOut = (name: string, source: string): UserError =>
  new UserError({
    what: `${source} names a file outside of its folder, which is not read.`,
    expected: 'the name of a file beside it',
    received: JSON.stringify(name.slice(0, 200)),
    fix: 'put the file into the same folder, and its name into the model',
  })
