/** Runs the reading process, and ends it where it no longer says anything. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A reading that went wrong. */
export interface Found {
  readonly at: number
  readonly fault: string
}

interface Line {
  readonly at?: number
  /** How the reading before ended. */
  readonly before?: 'read' | 'told'
  readonly fault?: string
  readonly done?: boolean
}

/** A reading that takes longer is ended. */
const silence = 20_000
/** Of JavaScript's own memory; numbers lie outside of it, and are measured. */
const mostHeap = 512

export interface ChildOptions {
  readonly until: AbortSignal
  /** Told after each reading. */
  onRead?(at: number, outcome: 'read' | 'told'): void
}

/** Gives what was found, and the number to go on with. */
export async function runChild(
  words: readonly string[],
  { until, onRead }: ChildOptions,
): Promise<{ readonly found: readonly Found[]; readonly next: number }> {
  const file = fileURLToPath(new URL('./child.js', import.meta.url))
  const child = spawn(process.execPath, [`--max-old-space-size=${mostHeap}`, file, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const found: Found[] = []
  let [at, said] = [-1, '']
  let ending: string | undefined
  const end = (why: string): void => {
    ending ??= why
    child.kill('SIGKILL')
  }
  let timer = setTimeout(end, 3 * silence, 'it does not begin')
  child.stderr.on('data', data => {
    said = `${said}${data}`.slice(-2000)
  })
  createInterface({ input: child.stdout }).on('line', text => {
    clearTimeout(timer)
    timer = setTimeout(end, silence, `it does not end within ${silence / 1000} s`)
    const line = JSON.parse(text) as Line
    if (line.before !== undefined) onRead?.(at, line.before)
    at = line.at ?? at
    if (line.fault !== undefined) found.push({ at, fault: line.fault })
  })
  const stop = (): void => end('')
  until.addEventListener('abort', stop)
  const code = await closed(child)
  until.removeEventListener('abort', stop)
  clearTimeout(timer)
  const fault = ending ?? (code === 0 ? '' : `the process ends (${code}): ${said}`)
  // One that never came to a reading is a fault of the fuzzer or of a seed: there is nothing to go on with.
  if (at < 0 && fault !== '') throw new Error(`${words.join(' ')}: ${fault}`)
  if (fault !== '') found.push({ at, fault })
  return { found, next: at + 1 }
}

const closed = (child: ChildProcess): Promise<number | string> =>
  new Promise(resolve => child.on('close', (code, signal) => resolve(code ?? signal ?? 0)))
