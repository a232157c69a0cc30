/**
 * A lock between processes, also of several machines on one shared disk: a symbolic link that holds the name of whoever has it. To make one
 * is a single step that fails where one is, over NFS too (as Optuna's journal storage and Emacs lock files). Who dies with the lock
 * leaves it behind; others take it away when they see that its holder is gone, or that it has not changed for ten seconds.
 */
import { randomUUID } from 'node:crypto'
import { link, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { isRunning, ownProcess } from './running.ts'
import { told } from './system-errors.ts'

/** Milliseconds after which a lock that is held for work of milliseconds is taken for left behind. */
const staleAfter = 10_000
const longestWait = 100

/** Who holds a lock or does a piece of work: machine, process, and a word that no other has. */
export const ownMark = (): string => `${hostname()} ${ownProcess()} ${randomUUID()}`

/** Whether a mark is one of a process of this machine that has ended. Of other machines it cannot be told. */
export function isGone(mark: string): boolean {
  const [host, process = ''] = mark.split(' ')
  return host === hostname() && !isRunning(process)
}

/** Does the work while nobody else holds the lock at this path. The work is short: others wait. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const mark = ownMark()
  await told(take(path, mark), `${path} cannot be made`)
  try {
    return await work()
  } finally {
    // Whoever was stopped for long may have lost it to another.
    if ((await markAt(path)) === mark) await rm(path, { force: true })
  }
}

async function take(path: string, mark: string): Promise<void> {
  let seen: { readonly mark: string | undefined; readonly since: number } = { mark: undefined, since: 0 }
  for (let wait = 2; ; wait = Math.min(longestWait, 2 * wait)) {
    if (await make(path, mark)) return
    const holder = await markAt(path)
    // A network may carry out what it then reports as failed.
    if (holder === mark) return
    const now = performance.now()
    if (holder !== seen.mark) seen = { mark: holder, since: now }
    if (holder !== undefined && (isGone(holder) || now - seen.since > staleAfter)) await breakLock(path, holder)
    else await new Promise(resolve => setTimeout(resolve, wait))
  }
}

async function make(path: string, mark: string): Promise<boolean> {
  try {
    await symlink(mark, path)
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return false
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC') throw error
  }
  // A file system without symbolic links: a file that must be new.
  try {
    await writeFile(path, mark, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Undefined where there is no lock (any more). */
const markAt = async (path: string): Promise<string | undefined> =>
  (await readlink(path).catch(() => undefined)) ?? (await readFile(path, 'utf8').catch(() => undefined))

/** Takes a lock away that was left behind. One that somebody else has taken meanwhile is given back. */
async function breakLock(path: string, left: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  )
  if (!moved) return
  const mark = await markAt(aside)
  if (mark !== left) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code)
