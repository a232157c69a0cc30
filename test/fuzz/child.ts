/**
 * The process that reads: a crash or a loop without end is its own alone. In: formats, seed, the first number and the one behind the last; or
 * a format and a file. Out: a line before each reading, with how the one before ended, and one for each fault.
 */
import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { caseOf, formatOf, fuzzFormats, seedsOf } from './formats.ts'
import { seen, watch } from './watched.ts'

const [names, seed, from, to] = process.argv.slice(2) as [string, string, string, string?]
const formats = fuzzFormats.filter(({ name }) => names.split(',').includes(name))
const box = mkdtempSync(join(tmpdir(), 'fovea-fuzz-'))
const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`)

// What a format loads with its first file is loaded before anything is measured. A seed that is not read is a fault of this program.
for (const format of formats) for (const bytes of await seedsOf(format)) await format.read(bytes, box)
watch()
let before: string | undefined
if (to === undefined) {
  say({ at: 0 })
  const bytes = new Uint8Array(readFileSync(from))
  const { fault } = await seen(box, () => formats[0]!.read(bytes, box))
  if (fault !== undefined) say({ fault })
} else {
  for (let at = Number(from); at < Number(to); at++) {
    say({ at, before })
    const bytes = await caseOf(formats, Number(seed), at)
    const { outcome, fault } = await seen(box, () => formatOf(formats, at).read(bytes, box))
    before = outcome
    if (fault !== undefined) say({ fault })
  }
}
say({ done: true, before })
rmSync(box, { recursive: true, force: true })
process.exit(0)
