/**
 * A folder that one process writes into, kept from others. In: a folder. Out: what gives it back. Each process puts a file of its own name
 * there, which says who it is, and then looks for those of others: of two that come at once both see the other, both leave, and come again
 * a moment later. A process that is dead holds nothing: its file goes, and so do the parts of files that it was writing.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as later } from 'node:timers/promises'
import { UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { isRunning, ownProcess, processName } from './running.ts'

type Place = Pick<Files, 'write' | 'read' | 'remove' | 'list' | 'join'>

/** Who holds a folder. */
interface Holder {
  /** Its number and its start. */
  readonly process: string
  readonly host: string
  /** ISO 8601. */
  readonly since: string
}

const lockName = /^\.fovea-\d+-[0-9a-f]{8}\.lock$/
const partName = new RegExp(`^\\.(${processName})-\\d+\\.part$`)
const tries = 4

/** Whether a name is that of a lock, or of a part of a file that is being written: nothing a user put there. */
export const isPassing = (name: string): boolean => lockName.test(name) || partName.test(name)

/** Throws UserError where another process has it. */
export async function lockFolder(files: Place, folder: string): Promise<() => Promise<void>> {
  const own: Holder = { process: ownProcess(), host: hostname(), since: new Date().toISOString() }
  for (let attempt = 1; ; attempt++) {
    const word = randomUUID().slice(0, 8)
    const name = `.fovea-${process.pid}-${word}.lock`
    const path = files.join(folder, name)
    await files.write(path, new TextEncoder().encode(`${JSON.stringify(own)}\n`))
    const [other] = await othersIn(files, folder, name)
    if (other === undefined) {
      await removeParts(files, folder)
      return () => files.remove(path)
    }
    await files.remove(path)
    if (attempt === tries) throw inUse(folder, other)
    // Another moment for each process, else they would meet again.
    await later(50 + (Number.parseInt(word, 16) % 200))
  }
}

interface Lock extends Holder {
  readonly name: string
}

/** The locks of processes that live; those of the dead are removed. */
async function othersIn(files: Place, folder: string, own: string): Promise<Lock[]> {
  const held: Lock[] = []
  for (const name of await files.list(folder)) {
    if (!lockName.test(name) || name === own) continue
    const path = files.join(folder, name)
    const holder = await files.read(path, 'text').then(holderIn, () => undefined)
    if (holder && lives(holder)) held.push({ ...holder, name })
    else await files.remove(path)
  }
  return held
}

/** Undefined for what no lock is. */
function holderIn(bytes: Uint8Array): Holder | undefined {
  try {
    const { process, host, since } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    return { process: String(process), host: String(host), since: String(since) }
  } catch {
    return undefined
  }
}

/** Of another machine nothing is known: who holds the folder there is believed. */
const lives = ({ process, host }: Holder): boolean => host !== hostname() || isRunning(process)

/** Takes away what processes left that were ended: their locks, and the parts of files that they were writing. Of a folder in use none. */
export async function removeLeftBehind(files: Place, folder: string): Promise<void> {
  if ((await othersIn(files, folder, '')).length === 0) await removeParts(files, folder)
}

async function removeParts(files: Place, folder: string): Promise<void> {
  for (const name of await files.list(folder)) {
    const writer = partName.exec(name)?.[1]
    if (writer !== undefined && !isRunning(writer)) await files.remove(files.join(folder, name)).catch(() => {})
  }
}

const inUse = (folder: string, { process, host, since, name }: Lock): UserError =>
  new UserError({
    what: `${folder} is in use: another training writes into it.`,
    received: `process ${process.split('-')[0]} on ${host}, since ${since}`,
    fix:
      host === hostname()
        ? 'wait until it is done, or end it; then go on with --resume'
        : `wait until it is done; if that machine does not train any more, move ${name} out of the folder`,
  })
