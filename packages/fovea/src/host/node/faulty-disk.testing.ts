/**
 * A disk that fails at the call of a test's choice: `disk` with its functions replaced, over real files. In: the number of the call and the
 * fault. Out: how many calls there were. After a crash every further call fails too, as it does for a process that is gone, and what was
 * not flushed is taken back when the power is lost: bytes since the last sync of a file, moves since the last sync of a folder.
 */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { disk } from './disk.ts'

export const faults = ['ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'short', 'crash', 'power'] as const
export type Fault = (typeof faults)[number]

/** The process is gone: whoever sees this does nothing any more. */
export class Gone extends Error {}

type Work = (...words: never[]) => unknown
const works = disk as Record<keyof typeof disk, Work>
const whole = { ...works }

export interface FaultyDisk {
  /** Calls so far. */
  readonly calls: number
  /** Whether the fault has been met. */
  readonly met: boolean
  /** The power is lost now. */
  losePower(): void
  /** The machine comes up again: every file as the disk has it, and a disk that works. */
  restart(): void
}

/** From now on call number `at` (from 1) of the disk fails. */
export function faultyDisk(at: number, fault: Fault): FaultyDisk {
  const standing = { calls: 0, met: false, gone: false }
  const power = powerLoss()
  for (const name of Object.keys(whole) as (keyof typeof disk)[]) {
    works[name] = ((...words: never[]) => {
      const now = ++standing.calls
      if (standing.gone) return gone(name, words)
      if (now !== at && name === 'writeNow') return whole[name](...words)
      if (now !== at) return power.seen(name, words, () => whole[name](...words))
      standing.met = true
      if (fault === 'short') {
        const [, bytes, from] = words as unknown as [FileHandle, Uint8Array, number]
        const some = (): Uint8Array => bytes.subarray(0, from + Math.ceil((bytes.length - from) / 2))
        if (name !== 'write' && name !== 'writeNow') return whole[name](...words)
        return whole[name](...([words[0], some(), ...words.slice(2)] as never[]))
      }
      if (fault === 'crash' || fault === 'power') {
        standing.gone = true
        if (fault === 'power') power.lose()
        return gone(name, words)
      }
      if (name === 'close') void whole.close(...(words as unknown as Parameters<Work>))
      const error = Object.assign(new Error(`${fault}: refused, ${name}`), { code: fault, syscall: 'write' })
      return refused(name, error)
    }) as Work
  }
  return {
    get calls() {
      return standing.calls
    },
    get met() {
      return standing.met
    },
    losePower: power.lose,
    restart() {
      Object.assign(works, whole)
    },
  }
}

/** Its open files are closed with a process, unseen. */
function gone(name: keyof typeof disk, words: readonly never[]): unknown {
  if (name === 'close') void whole.close(...(words as unknown as Parameters<Work>))
  return refused(name, new Gone('the process is gone'))
}

function refused(name: keyof typeof disk, error: Error): unknown {
  if (name === 'writeNow') throw error
  return Promise.reject(error)
}

/** Keeps what the disk itself knows, to go back to it. */
function powerLoss() {
  /** Bytes of each file that are on the disk, since it was opened. */
  const flushed = new Map<string, number>()
  const paths = new Map<FileHandle, string>()
  /** How each move is taken back, until its folder is flushed. */
  let moves: { readonly folder: string; readonly undo: () => void }[] = []
  return {
    async seen(name: keyof typeof disk, words: readonly unknown[], work: () => unknown): Promise<unknown> {
      const [first, second] = words as [string | FileHandle, string]
      if (name === 'rename') {
        const former = existsSync(second) ? readFileSync(second) : undefined
        const moved = readFileSync(first as string)
        const undo = (): void => {
          writeFileSync(first as string, moved)
          if (former) writeFileSync(second, former)
          else rmSync(second, { force: true })
        }
        moves.push({ folder: dirname(second), undo })
        // Bytes that are not on the disk are not there under another name either.
        const size = flushed.get(first as string)
        if (size !== undefined) flushed.set(second, size)
      }
      if (name === 'syncFolder') moves = moves.filter(({ folder }) => folder !== first)
      const result = await work()
      if (name === 'open') {
        const path = first as string
        paths.set(result as FileHandle, path)
        if (!flushed.has(path)) flushed.set(path, fstatSync((result as FileHandle).fd).size)
      }
      const path = paths.get(first as FileHandle)
      if (name === 'sync' && path !== undefined) flushed.delete(path)
      return result
    },
    lose(): void {
      for (const [path, size] of flushed) {
        if (!existsSync(path)) continue
        const file = openSync(path, 'r+')
        if (fstatSync(file).size > size) ftruncateSync(file, size)
        closeSync(file)
      }
      for (const { undo } of moves.reverse()) undo()
    },
  }
}
