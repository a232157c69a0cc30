/**
 * Room for what an engine reserves without using it. Where addresses are limited (`ulimit -v`, some batch systems) and a worker
 * finds none, V8 ends the whole process: there is no error to catch, so it is asked before. Source: proc(5); elsewhere than on Linux
 * nothing is known, and nothing refused.
 */
import { readFileSync } from 'node:fs'

/** What a worker's engine reserves: 0.5 GiB for code, and its heap (measured on Node 20 to 24: 590 to 850 MB). */
export const WORKER_ADDRESSES = 1e9

/** Whether so many bytes of addresses are left to this process. */
export function hasAddressSpace(bytes: number): boolean {
  const limit = Number(/^Max address space\s+(\d+)/m.exec(textOf('/proc/self/limits'))?.[1] ?? Number.POSITIVE_INFINITY)
  if (limit === Number.POSITIVE_INFINITY) return true
  const used = 1024 * Number(/^VmSize:\s+(\d+) kB/m.exec(textOf('/proc/self/status'))?.[1] ?? 0)
  return used + bytes <= limit
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
