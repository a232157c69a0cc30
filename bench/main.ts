/** `npm run bench`: reads the options, measures, prints a table or one JSON document. Exit code 1: failed, 2: wrong usage. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../src/base/errors.ts'
import type { BenchDocument } from './document.ts'
import { root } from './machine.ts'
import { measure } from './measure.ts'
import { type BenchOptions, helpText, readOptions } from './options.ts'
import { predictionBatches, predictionWork } from './prediction-work.ts'
import { tableText } from './table.ts'
import { trainingWork } from './training-work.ts'

const say = (text: string): void => void process.stderr.write(`${text}\n`)

function optionsOrExit(): BenchOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    say(`${error.message}\n\n${helpText()}`)
    process.exit(2)
  }
}

async function run(options: BenchOptions): Promise<number> {
  if (options.help) {
    process.stdout.write(`${helpText()}\n`)
    return 0
  }
  const works =
    options.measure === 'predict'
      ? options.recipes.flatMap(name => predictionBatches.map(batch => predictionWork(name, batch, options)))
      : options.recipes.map(name => trainingWork(name, options))
  const document = await measure(works, options, say)
  print(document, options)
  return 0
}

function print(document: BenchDocument, { json, record }: BenchOptions): void {
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${tableText(document)}\n`)
  if (json && document.void !== null) say(`VOID: ${document.void}`)
  if (record) appendFileSync(join(root, 'bench/results.jsonl'), `${JSON.stringify(document)}\n`)
}

const options = optionsOrExit()
try {
  process.exitCode = await run(options)
} catch (error) {
  if (!(error instanceof UserError)) throw error
  say(error.message)
  process.exitCode = 1
}
