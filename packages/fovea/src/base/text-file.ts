/**
 * The one reader of text files. In: the bytes of a file as an editor, a shell or another program left them: UTF-8 with or without a
 * byte order mark, or UTF-16 with one (Windows PowerShell's `>` writes that). Out: its text without the mark, or its lines. Bytes that
 * are no such text are the user's mistake and are told as one; none of them is printed.
 */
import { UserError } from './errors.ts'

const LINE_END = 0x0a

/** `cutOff`: the file may end within a character, as a crash leaves it; that character is left out. */
export function textOf(bytes: Uint8Array, source: string, { cutOff = false } = {}): string {
  const encoding = encodingOf(bytes)
  const text =
    decoded(bytes, encoding) ?? (cutOff && bytes.at(-1) !== LINE_END ? decodedBeforeCut(bytes, encoding) : undefined)
  if (text === undefined) throw notText(source, `bytes that are not ${encoding.toUpperCase()}`)
  if (text.includes('\0')) throw notText(source, 'a binary file, or UTF-16 without a byte order mark')
  return text
}

/** The first bytes of a file as text; undefined for what is no text. */
export function beginningOfText(bytes: Uint8Array, most: number): string | undefined {
  const encoding = encodingOf(bytes)
  const text = bytes.length > most ? decodedBeforeCut(bytes.subarray(0, most + 1), encoding) : decoded(bytes, encoding)
  return text?.includes('\0') ? undefined : text
}

/** Whether text can be added to the file in UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  return encodingOf(bytes) === 'utf-8'
}

/** Lines end in LF, CR LF or CR. A last line without an end is one; behind the last end there is none. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Of a character that takes four bytes, three may be left. */
function decodedBeforeCut(bytes: Uint8Array, encoding: string): string | undefined {
  for (let left = 1; left <= 3; left++) {
    const text = decoded(bytes.subarray(0, bytes.length - left), encoding)
    if (text !== undefined) return text
  }
  return undefined
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

function notText(source: string, received: string): UserError {
  return new UserError({
    what: `${source} is not a text file.`,
    expected: 'text in UTF-8, or in UTF-16 with a byte order mark',
    received,
    fix: 'Save it as UTF-8, or name another file.',
  })
}
