/** Files that live in memory: for runs that shall leave nothing behind, and where there is no disk. */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'

/** Files that lie in memory: for tests, and for pages without a disk. */
export function memoryFiles(): Files {
  const files = new Map<string, Uint8Array>()
  const join = (...parts: string[]): string => parts.join('/').replace(/\/+/g, '/')
  return {
    async read(path) {
      const bytes = files.get(path)
      if (bytes) return bytes.slice()
      throw new UserError({ what: `${path} cannot be read`, received: 'no such file in memory' })
    },
    async write(path, bytes, former) {
      const old = files.get(path)
      if (former !== undefined && old) files.set(former, old)
      files.set(path, bytes.slice())
    },
    async append(path, content) {
      const old = files.get(path) ?? new Uint8Array()
      const added = typeof content === 'string' ? new TextEncoder().encode(content) : content
      const bytes = new Uint8Array(old.length + added.length)
      bytes.set(old)
      bytes.set(added, old.length)
      files.set(path, bytes)
    },
    exists: async path => files.has(path),
    async remove(path) {
      files.delete(path)
    },
    async list(folder) {
      const prefix = join(folder, '/')
      const names = [...files.keys()].filter(path => path.startsWith(prefix)).map(path => path.slice(prefix.length))
      return [...new Set(names.map(name => name.split('/')[0]!))].sort()
    },
    join,
  }
}
