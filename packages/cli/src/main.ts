/** The program `fovea`: joins the verbs with the real process. It ends by itself when nothing is left to do. */
import { reasonOf, refusalOf } from 'fovea/internal/host/node/system-errors'
import { streamOutput } from 'fovea/internal/host/node/text-output'

const stderr = streamOutput(process.stderr)
let isClosed = false

// A reader that has seen enough (`fovea recipes | head -1`) closes the pipe: no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      isClosed ||= stream === process.stdout
      return
    }
    const why = reasonOf(error)?.received ?? error.message
    if (stream === process.stdout) stderr.write(`Standard output cannot be written: ${error.code}, ${why}\n`)
    process.exit(1)
  })
}

try {
  // Loaded here, so that a system which lets no more files be opened is told of like any other.
  const { runCli } = await import('./command/run-cli.ts')
  const { verbs } = await import('./verbs/verbs.ts')
  process.exitCode = await runCli(
    process.argv.slice(2),
    {
      stdout: streamOutput(process.stdout, () => isClosed),
      stderr,
      stdin: () => process.stdin,
      env: process.env,
      // Started by npx or by a script of the checkout, `fovea` itself is not on the user's path.
      program: process.env['npm_lifecycle_event'] === undefined ? 'fovea' : 'npx fovea',
      interruptible: async work => {
        const { interruptible } = await import('./command/interrupt.ts')
        return interruptible(work, () =>
          stderr.write('\nEnding after this step; press Ctrl-C again to stop at once.\n'),
        )
      },
    },
    verbs,
  )
} catch (error) {
  const refusal = refusalOf(error)
  if (refusal === undefined) throw error
  stderr.write(`${refusal.message}\n`)
  process.exitCode = 1
}
