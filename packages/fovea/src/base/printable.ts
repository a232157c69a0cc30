/**
 * Text that comes from files (names of classes, layers and files) as a terminal may get it. Control characters in it would colour,
 * move or overwrite what stands there, and marks of direction would turn it round: they are written as `\u001b`, as JSON writes them.
 * In: any text. Out: the same text, in which nothing is left that a terminal obeys. Source: ECMA-48; Unicode's UAX #9.
 */
import type { TextOutput } from './host.ts'

/** All controls but line feed and tab, the marks of direction that hold for what follows, and the line ends of Unicode. */
const controls = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu
/** What Fovea itself writes to a terminal: colours, and a line that is drawn again. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are steered by control characters.
const ours = /(\u001b\[[\d;]*m|\r(?:\u001b\[K)?)/

/** Text without control characters but line feed and tab. */
export function printable(text: string): string {
  return text.replace(controls, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The output, to which only text and, on a terminal, colours and redrawn lines are written. */
export function printableOutput(output: TextOutput): TextOutput {
  return {
    write: text => output.write(output.isTerminal ? drawable(text) : printable(text)),
    get isTerminal() {
      return output.isTerminal
    },
    get columns() {
      return output.columns
    },
    get isClosed() {
      return output.isClosed === true
    },
  }
}

const drawable = (text: string): string =>
  text
    .split(ours)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('')
