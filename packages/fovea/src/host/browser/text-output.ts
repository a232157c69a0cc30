/** The browser's console as a `TextOutput`: whole lines only, nothing drawn twice. */
import type { TextOutput } from '../../base/host.ts'

export function consoleOutput(): TextOutput {
  let pending = ''
  return {
    write(text) {
      const lines = (pending + text).split('\n')
      pending = lines.pop()!
      for (const line of lines) console.log(line)
    },
    isTerminal: false,
    columns: 80,
  }
}
