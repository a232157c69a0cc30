/**
 * Every system call that changes what is on a disk, as one record of functions: all that library and command write goes through these, and
 * through nothing else (`test/written-files`). A test replaces them, so that the disk is full, or the machine stops, at the call of its choice.
 */
import { writeSync } from 'node:fs'
import { type FileHandle, link, mkdir, open, rename, rm, rmdir } from 'node:fs/promises'

/** More bytes in one call are too many for some systems. */
const mostAtOnce = 2 ** 30

export const disk = {
  /** `w` writes from the beginning, `a` adds at the end, `x` refuses what is there already. */
  open: (path: string, flags: 'w' | 'a' | 'wx' | 'wx+'): Promise<FileHandle> => open(path, flags),
  /** Gives how many bytes were taken, which may be some only. At the end of what was written before unless a place is given. */
  async write(file: FileHandle, bytes: Uint8Array, from: number, at: number | null): Promise<number> {
    const { bytesWritten } = await file.write(bytes, from, Math.min(mostAtOnce, bytes.length - from), at)
    return bytesWritten
  },
  /** The same without a promise: a few kilobytes are taken sooner than a thread that would do it wakes up. */
  writeNow: ({ fd }: FileHandle, bytes: Uint8Array, from: number, at: number): number =>
    writeSync(fd, bytes, from, bytes.length - from, at),
  truncate: (file: FileHandle, length: number): Promise<void> => file.truncate(length),
  /** What was written is on the disk, not only on its way. */
  sync: (file: FileHandle): Promise<void> => file.sync(),
  close: (file: FileHandle): Promise<void> => file.close(),
  /** Replaces a file of the new name in one step. */
  rename: (from: string, to: string): Promise<void> => rename(from, to),
  /** A second name for a file; refused where something has it. */
  link: (from: string, to: string): Promise<void> => link(from, to),
  /** Nothing happens where nothing is. */
  remove: (path: string): Promise<void> => rm(path, { force: true }),
  async makeFolder(path: string): Promise<void> {
    await mkdir(path)
  },
  removeFolder: (path: string): Promise<void> => rmdir(path),
  /** The names in a folder are on the disk: a file that was moved into place stays there when the power goes. */
  async syncFolder(path: string): Promise<void> {
    const folder = await open(path, 'r').catch(withoutFolders)
    try {
      await folder?.sync().catch(withoutFolders)
    } finally {
      await folder?.close()
    }
  },
} as const

/** Windows opens no folder, and some file systems flush none: there the system does it in its own time. */
function withoutFolders(error: unknown): undefined {
  const code = String((error as { code?: unknown }).code)
  if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error
}

/** All the bytes, however few the system takes at a time. */
export async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += taken(await disk.write(file, bytes, done, null))
}

/** All the bytes at a place, without a promise. */
export function writeWholeNow(file: FileHandle, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) done += taken(disk.writeNow(file, bytes, done, at + done))
}

function taken(count: number): number {
  if (count > 0) return count
  throw Object.assign(new Error('the disk took no byte'), { code: 'EIO', syscall: 'write' })
}
