import { expect, it } from 'vitest'
import { UserError } from './errors.ts'
import { printable, printableOutput } from './printable.ts'

const codes = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at),
]
const signs = [...codes, 0x2028, 0x202e, 0x2066].filter(code => code !== 0x09 && code !== 0x0a)
const written = (isTerminal: boolean, text: string): string => {
  const all: string[] = []
  printableOutput({ isTerminal, columns: 80, write: more => void all.push(more) }).write(text)
  return all.join('')
}

it('writes every control character and mark of direction as JSON does', () => {
  for (const code of signs) {
    const text = `a${String.fromCharCode(code)}b`
    const shown = printable(text)
    expect(shown).toMatch(/^a\\u[0-9a-f]{4}b$/)
    expect(JSON.parse(`"${shown}"`)).toBe(text)
    expect(new UserError(text).message).toBe(shown)
  }
})

it('leaves text, line feeds and tabs as they are', () => {
  const text = 'Größe\t猫 👩‍🔬 אב ⠄\n'
  expect(printable(text)).toBe(text)
})

it('lets colours and redrawn lines through to a terminal only', () => {
  const drawn = '\r\u001b[K\u001b[1;32mgreen\u001b[0m'
  expect(written(true, drawn)).toBe(drawn)
  expect(written(false, drawn)).toBe(printable(drawn))
  for (const steers of ['\u001b]0;title\u0007', '\u001b[2J', '\u001b[5A', '\u009b2J'])
    expect(written(true, steers)).toBe(printable(steers))
})
