/** A stream of the process as a `TextOutput`: colours and redrawing only on a terminal, and never against NO_COLOR or a dumb one. */
import type { TextOutput } from '../../base/host.ts'

/** `isClosed`: whether its reader has left; the stream itself does not remember. */
export function streamOutput(stream: NodeJS.WriteStream, isClosed = () => false): TextOutput {
  return {
    write: text => void stream.write(text),
    get isTerminal() {
      return stream.isTTY === true && process.env['TERM'] !== 'dumb' && !process.env['NO_COLOR']
    },
    get columns() {
      // A terminal that does not know its size says 0.
      return stream.columns || 80
    },
    get isClosed() {
      return isClosed()
    },
  }
}
