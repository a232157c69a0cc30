/**
 * Files for a training that goes on where the disk takes nothing more: what is refused is kept in memory, is read from there, and is tried
 * again with everything that is written later. In: files, and who is told of the first refusal of a time. Out: files that refuse nothing.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'

interface Unsaved {
  readonly kind: 'write' | 'append'
  readonly bytes: Uint8Array
  readonly former?: string | undefined
}

export interface PatientFiles extends Files {
  /** Tries everything again; gives the paths that are still not saved. */
  settle(): Promise<readonly string[]>
}

export function patientFiles(files: Files, onRefused: (error: UserError) => void): PatientFiles {
  const unsaved = new Map<string, Unsaved>()

  async function save(path: string, content: Unsaved): Promise<void> {
    try {
      if (content.kind === 'write') await files.write(path, content.bytes, content.former)
      else await files.append(path, content.bytes)
      unsaved.delete(path)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const isFirst = unsaved.size === 0
      unsaved.set(path, content)
      if (isFirst) onRefused(error)
    }
  }

  async function settle(except?: string): Promise<void> {
    for (const [path, content] of [...unsaved]) if (path !== except) await save(path, content)
  }

  return {
    ...files,
    async write(path, bytes, former) {
      await settle(path)
      await save(path, { kind: 'write', bytes, former })
    },
    async append(path, content) {
      await settle(path)
      const added = typeof content === 'string' ? new TextEncoder().encode(content) : content
      const before = unsaved.get(path)
      await save(path, before ? { ...before, bytes: joined(before.bytes, added) } : { kind: 'append', bytes: added })
    },
    async read(path, kind) {
      const own = unsaved.get(path)
      if (own === undefined) return files.read(path, kind)
      if (own.kind === 'write' || !(await files.exists(path))) return own.bytes.slice()
      return joined(await files.read(path, kind), own.bytes)
    },
    exists: async path => unsaved.has(path) || files.exists(path),
    async remove(path) {
      unsaved.delete(path)
      await files.remove(path)
    },
    async settle() {
      await settle()
      return [...unsaved.keys()]
    },
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
