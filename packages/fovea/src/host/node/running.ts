/**
 * Processes of this machine, told apart for as long as what they leave lies on a disk: the system gives a number again, in a container soon and
 * often the very same, so a name holds the moment of the start too.
 */
import { readFileSync } from 'node:fs'

/** `4148-9f27ab311283742`: number and start of this process. */
export function ownProcess(): string {
  own ??= `${process.pid}-${startOf(process.pid)}`
  return own
}
let own: string | undefined

/** What `ownProcess` gives, as a pattern. */
export const processName = '\\d+-\\w+'

/** Whether the process of this name runs; of the number alone: whether some process has it. */
export function isRunning(name: string): boolean {
  const [number = '', start] = name.split('-')
  const pid = Number(number)
  if (!(pid > 0) || !isInUse(pid)) return false
  const found = startOf(pid)
  return start === undefined || start === unknown || found === unknown || found === start
}

function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is another user's.
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** Where the system does not say. */
const unknown = '0'

/** On Linux: the boot of the machine and the ticks since then (field 22 of `stat`, behind the name in brackets). */
function startOf(pid: number): string {
  try {
    const [boot, stat] = ['sys/kernel/random/boot_id', `${pid}/stat`].map(name => readFileSync(`/proc/${name}`, 'utf8'))
    return `${boot!.slice(0, 8)}${stat!.slice(stat!.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return unknown
  }
}
