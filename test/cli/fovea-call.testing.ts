/** Calls the command line within this process, for what does not depend on being one: words in, exit code and outputs out. */
import { Readable } from 'node:stream'
import { runCli } from '../../packages/cli/src/command/run-cli.ts'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import type { TextOutput } from '../../packages/fovea/src/base/host.ts'
import type { Call } from './fovea-process.testing.ts'

export interface CallInside {
  /** The folder it is called in; one call at a time, since a process has one. */
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  /** Told of everything written; may interrupt as Ctrl-C does. */
  readonly onOutput?: (written: string, interrupt: () => void) => void
}

export async function callFovea(
  words: readonly string[],
  { cwd, stdin = '', onOutput }: CallInside = {},
): Promise<Call> {
  const controller = new AbortController()
  const outputs = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr'): TextOutput => ({
    write: text => {
      outputs[name] += text
      onOutput?.(text, () => controller.abort())
    },
    isTerminal: false,
    columns: 80,
  })
  const environment = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: () => Readable.from([Buffer.from(stdin)]),
    env: {},
    program: 'fovea',
    interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => work(controller.signal),
  }
  const before = process.cwd()
  if (cwd !== undefined) process.chdir(cwd)
  try {
    return { code: await runCli(words, environment, verbs), ...outputs }
  } finally {
    process.chdir(before)
  }
}
