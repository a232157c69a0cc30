/**
 * `npm run fuzz`: changes good files of every format and reads them, in a process that may die of it. What is found is written to a
 * folder, as it came and as small as it gets; it becomes a test in `test/fuzz/kept`. Ends with 1 where anything was found.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { caseOf, formatOf, fuzzFormats } from './formats.ts'
import { type Found, runChild } from './run-child.ts'
import { smaller } from './smaller.ts'

const help = `npm run fuzz -- [options]

  --inputs N      files in all, over all formats (20000)
  --minutes N     how long at most; without --inputs as many files as fit
  --format NAME   one of ${fuzzFormats.map(({ name }) => name).join(', ')}
  --seed S        another seed reads other files (1)
  --found DIR     where files with a fault are kept (fuzz-found)
`

const { values } = parseArgs({
  options: {
    inputs: { type: 'string' },
    minutes: { type: 'string' },
    format: { type: 'string' },
    seed: { type: 'string', default: '1' },
    found: { type: 'string', default: 'fuzz-found' },
    help: { type: 'boolean', default: false },
  },
})
const formats = fuzzFormats.filter(({ name }) => values.format === undefined || name === values.format)
const isNumber = (text: string | undefined): boolean => text === undefined || /^\d+(\.\d+)?$/.test(text)
if (values.help || formats.length === 0 || ![values.inputs, values.minutes, values.seed].every(isNumber)) {
  process.stdout.write(help)
  process.exit(values.help ? 0 : 2)
}

const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
const fixed = minutes === undefined ? 20_000 : Number.MAX_SAFE_INTEGER
const most = values.inputs === undefined ? fixed : Number(values.inputs)
const until = minutes === undefined ? new AbortController().signal : AbortSignal.timeout(minutes * 60_000)
const names = formats.map(({ name }) => name).join(',')
const counts = new Map(formats.map(({ name }) => [name, { read: 0, told: 0, faults: 0 }]))
const begin = performance.now()

for (let at = 0; at < most && !until.aborted; ) {
  const onRead = (number: number, outcome: 'read' | 'told'): void => {
    counts.get(formatOf(formats, number).name)![outcome]++
  }
  const { found, next } = await runChild([names, values.seed, String(at), String(most)], { until, onRead })
  for (const each of found) await confirm(each)
  at = next
}

/** What a busy machine did is not found again. Of each format five are kept. */
async function confirm({ at, fault }: Found): Promise<void> {
  const { name } = formatOf(formats, at)
  const bytes = await caseOf(formats, Number(values.seed), at)
  if (!(await isFaulty(name, bytes)) || counts.get(name)!.faults++ >= 5) return
  const small = await smaller(bytes, each => isFaulty(name, each), 60)
  const file = join(values.found, `${name}-${values.seed}-${Math.floor(at / formats.length)}`)
  writeFileSync(`${file}.bin`, bytes)
  writeFileSync(`${file}.small.bin`, small)
  process.stdout.write(`\n${file}.bin (${bytes.length} bytes, ${small.length} of them enough): ${fault}\n\n`)
}

async function isFaulty(name: string, bytes: Uint8Array): Promise<boolean> {
  mkdirSync(values.found, { recursive: true })
  const file = join(values.found, `.${name}.part`)
  writeFileSync(file, bytes)
  const { found } = await runChild([name, values.seed, file], { until: new AbortController().signal })
  return found.length > 0
}

for (const [name, { read, told, faults }] of counts)
  process.stdout.write(`${name.padEnd(17)} ${read + told} files: ${read} read, ${told} told, ${faults} faults\n`)
const sum = (of: 'read' | 'told' | 'faults'): number =>
  [...counts.values()].reduce((total, each) => total + each[of], 0)
const seconds = ((performance.now() - begin) / 1000).toFixed(0)
process.stdout.write(
  `\n${sum('read') + sum('told')} files in ${seconds} s: ${sum('read')} read, ${sum('told')} told, ${sum('faults')} faults\n`,
)
process.exitCode = sum('faults') === 0 ? 0 : 1
