/** `npm run bench`: reads the options, measures, prints a table or one JSON document. Exit code 1: failed, 2: wrong usage. */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../packages/fovea/src/base/errors.ts'
import { printProfile } from '../packages/fovea/src/runtime/profile.ts'
import { alarm, alarmText } from './alarm.ts'
import { localCalibration } from './calibration.ts'
import { decodingText, measureDecoding } from './decode.ts'
import { epochText, measureEpochs } from './epoch.ts'
import { root } from './machine.ts'
import { host, measure, type Work } from './measure.ts'
import { type BenchOptions, helpText, readOptions } from './options.ts'
import { predictionBatches, predictionWork } from './prediction-work.ts'
import { profileRecipe } from './profile-recipe.ts'
import { measureScaling, scalingChart, scalingText } from './scaling.ts'
import { measureServing, servingText } from './serving.ts'
import { measureStartups, startupText } from './startup.ts'
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

interface Outcome {
  readonly document: object
  readonly text: string
  readonly failed?: boolean
}

async function measured(options: BenchOptions): Promise<Outcome> {
  switch (options.measure) {
    case 'train':
      return table(options.recipes.map(name => trainingWork(name, options)))
    case 'predict':
      return table(
        options.recipes.flatMap(name => predictionBatches(name).map(batch => predictionWork(name, batch, options))),
      )
    case 'epoch': {
      const document = await measureEpochs(options, say)
      return { document, text: epochText(document) }
    }
    case 'startup': {
      const document = await measureStartups(options, say)
      return { document, text: startupText(document) }
    }
    case 'decode': {
      const document = await measureDecoding()
      return { document, text: decodingText(document) }
    }
    case 'serve': {
      const document = await measureServing(say)
      return { document, text: servingText(document) }
    }
    case 'scaling': {
      const document = await measureScaling(options, say)
      writeFileSync(join(root, 'docs/scaling.svg'), await scalingChart(document))
      return { document, text: scalingText(document) }
    }
    case 'profile':
      return profile(options)
    case 'alarm': {
      const found = await alarm(options.recipes)
      const failed = !found.busy && found.verdicts.some(({ fails }) => fails)
      return { document: found, text: alarmText(found), failed }
    }
  }

  async function table(works: readonly Work[]): Promise<Outcome> {
    const document = await measure(works, options, say)
    return { document, text: tableText(document) }
  }
}

/** Where the time of a recipe's step goes, by kernel and thread. */
async function profile({ profile: name, threads }: BenchOptions): Promise<Outcome> {
  const ceiling = localCalibration(host.now)().tile / 1e9
  const profiles = []
  const texts = [`${name}; the calibration loop: ${ceiling.toFixed(1)} GFLOP/s on one thread`]
  for (const count of threads) {
    const found = await profileRecipe(workloadOf(name!), count)
    texts.push(printProfile(found, ceiling))
    const kernels = found.kernels.map(({ kernel, ...times }) => ({ id: kernel.id, name: kernel.name, ...times }))
    profiles.push({ ...found, kernels })
  }
  return { document: { recipe: name, gflops: ceiling, profiles }, text: texts.join('\n') }
}

async function run(options: BenchOptions): Promise<void> {
  if (options.help) {
    process.stdout.write(`${helpText()}\n`)
    return
  }
  const { document, text, failed } = await measured(options)
  process.stdout.write(options.json ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`)
  if (options.json && 'void' in document && document.void !== null) say(`VOID: ${String(document.void)}`)
  if (options.record) appendFileSync(join(root, 'bench/results.jsonl'), `${JSON.stringify(document)}\n`)
  if (failed) process.exitCode = 1
}

const options = optionsOrExit()
try {
  await run(options)
} catch (error) {
  if (!(error instanceof UserError)) throw error
  say(error.message)
  process.exitCode = 1
}
