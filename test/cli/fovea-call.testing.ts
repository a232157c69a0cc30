/** Calls the command line within this process, for what does not depend on being one: words in, exit code and outputs out. */
import { Readable } from 'node:stream'
import { runCli } from '../../packages/cli/src/command/run-cli.ts'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import type { TextOutput } from '../../packages/fovea/src/base/host.ts'
import type { Call } from './fovea-process.testing.ts'

export async function callFovea(words: readonly string[], stdin: string | Uint8Array = ''): Promise<Call> {
  const outputs = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr'): TextOutput => ({
    write: text => {
      outputs[name] += text
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
    interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => work(new AbortController().signal),
  }
  const code = await runCli(words, environment, verbs)
  return { code, ...outputs }
}
