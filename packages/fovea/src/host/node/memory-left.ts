/**
 * Memory that the system can still give. A process that takes more is not refused but ended, hours later perhaps, when it first touches
 * what it was promised: so it is asked before. In: nothing. Out: bytes. Sources: proc_meminfo(5) (MemAvailable: without swapping), cgroups(7).
 * Elsewhere than on Linux only the size of the machine is certain: what counts as free there holds caches that would make room.
 */
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'

export function memoryLeft(): number {
  // 0, or more than there is: no limit.
  const limit = asked(() => process.constrainedMemory()) || Number.POSITIVE_INFINITY
  const used = asked(() => process.memoryUsage.rss())
  const size = asked(totalmem) || Number.POSITIVE_INFINITY
  return Math.min(size, limit - used, availableIn(textOf('/proc/meminfo')))
}

/** 0 where the system may not be asked: Deno without --allow-sys. */
function asked(question: () => number): number {
  try {
    return question()
  } catch {
    return 0
  }
}

/** Of the text of /proc/meminfo; infinite where there is none. */
export function availableIn(text: string): number {
  const bytes = (name: string): number =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN)
  const available = bytes('MemAvailable') + bytes('SwapFree')
  return Number.isNaN(available) ? Number.POSITIVE_INFINITY : available
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
