/** `npm run bench`: reads the options, measures, prints a table or one JSON document. Exit code 1: failed, 2: wrong usage. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../src/base/errors.ts'
import { printProfile } from '../src/runtime/profile.ts'
import { alarm } from './alarm.ts'
import { localCalibration } from './calibration.ts'
import type { BenchDocument } from './document.ts'
import { root } from './machine.ts'
import { host, measure } from './measure.ts'
import { type BenchOptions, helpText, readOptions } from './options.ts'
import { predictionBatches, predictionWork } from './prediction-work.ts'
import { profileRecipe } from './profile-recipe.ts'
import { tableText } from './table.ts'
import { workloadOf } from './training.ts'
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
  if (options.measure === 'alarm')
    return (await alarm(options.recipes, text => process.stdout.write(`${text}\n`))) ? 0 : 1
  if (options.profile) return profile(options)
  const works =
    options.measure === 'predict'
      ? options.recipes.flatMap(name => predictionBatches.map(batch => predictionWork(name, batch, options)))
      : options.recipes.map(name => trainingWork(name, options))
  const document = await measure(works, options, say)
  print(document, options)
  return 0
}

/** Where the time of the recipes' steps goes, by kernel and thread. */
async function profile({ profile: name, threads }: BenchOptions): Promise<number> {
  const ceiling = localCalibration(host.now)().tile / 1e9
  for (const count of threads) {
    const text = printProfile(await profileRecipe(workloadOf(name!), count), ceiling)
    process.stdout.write(`${name}; the calibration loop: ${ceiling.toFixed(1)} GFLOP/s on one thread\n${text}\n`)
  }
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
