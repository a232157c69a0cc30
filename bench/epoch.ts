/**
 * What an epoch costs over its steps. In turn: one epoch as `fovea train` runs it (shuffling, metrics, progress bar, run file,
 * checkpoint; no validation), and as many steps in one call. Both walk all the rows and train the same weights: gradients leave out
 * products with zeros, and steps that repeat a few batches would soon have more of them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { columns } from '../packages/fovea/src/base/text.ts'
import { runFile } from '../packages/fovea/src/run/run-file.ts'
import { runLog } from '../packages/fovea/src/run/run-log.ts'
import { encodeCheckpoint } from '../packages/fovea/src/store/checkpoint.ts'
import { memoryFiles } from '../packages/fovea/src/store/memory-files.ts'
import { progressBar } from '../packages/fovea/src/train/callbacks/progress-bar.ts'
import { terminateOnNaN } from '../packages/fovea/src/train/callbacks/terminate-on-nan.ts'
import { fit as train } from '../packages/fovea/src/train/fit.ts'
import { calibrationLog } from './calibration-log.ts'
import type { BenchDocument } from './document.ts'
import { ownVersions, signature } from './machine.ts'
import { deviceOf, host } from './measure.ts'
import type { BenchOptions } from './options.ts'
import { interleave } from './rounds.ts'
import { median } from './statistics.ts'
import { startTraining, type Training, workloadOf } from './training.ts'

/** Milliseconds of an epoch, and its rows at most, as many as MNIST has. */
const EPOCH_TIME = 3000
const MOST_ROWS = 60_000
/** What an epoch may cost at most, in the time of its steps. */
const AIM = 1.1

export interface EpochCost {
  readonly recipe: string
  readonly batch: number
  readonly threads: number
  /** Of one epoch. */
  readonly steps: number
  /** Medians of the rounds. */
  readonly aloneMsPerStep: number
  readonly epochMsPerStep: number
  /** Median of the rounds' ratios. */
  readonly ratio: number
}

export type EpochDocument = Omit<BenchDocument, 'results' | 'geometricMean'> & { readonly epochs: readonly EpochCost[] }

export async function measureEpochs(options: BenchOptions, say: (text: string) => void): Promise<EpochDocument> {
  const threads = options.threads.at(-1)!
  const signed = signature()
  const calibration = await calibrationLog(host, [threads])
  const epochs: EpochCost[] = []
  try {
    for (const name of options.recipes) {
      say(`epochs of ${name} …`)
      epochs.push(await costOf(name, options, threads, calibration.measure))
    }
  } finally {
    await calibration.close()
  }
  return {
    ...signed,
    versions: ownVersions(),
    ...calibration.found(),
    epochs,
  }
}

async function costOf(
  name: string,
  options: BenchOptions,
  threads: number,
  between: () => Promise<void>,
): Promise<EpochCost> {
  const { batchSize, seed } = workloadOf(name).recipe
  const steps = Math.min(
    Math.ceil(EPOCH_TIME / (await trial(name, options, threads))),
    Math.floor(MOST_ROWS / batchSize),
  )
  const training = await startTraining(workloadOf(name, steps * batchSize), deviceOf(options), host, threads)
  const timed = (kind: string, work: () => Promise<unknown>) => ({
    name: kind,
    async run() {
      const started = host.now()
      await work()
      return (host.now() - started) / steps
    },
    close: async () => {},
  })
  const alone = timed('steps alone', () => training.run(steps))
  const epoch = timed('epoch', () => epochOf(training, batchSize, seed))
  const pace = { warmUp: 1, rounds: 7, turn: EPOCH_TIME, pause: () => sleep(25) }
  try {
    const times = await interleave([alone, epoch], { ...pace, between })
    const [first, second] = [times.get(alone)!, times.get(epoch)!]
    return {
      recipe: name,
      batch: batchSize,
      threads,
      steps,
      aloneMsPerStep: median(first),
      epochMsPerStep: median(second),
      ratio: median(second.map((time, round) => time / first[round]!)),
    }
  } finally {
    await training.learner.dispose()
  }
}

/** About how long a step takes. */
async function trial(name: string, options: BenchOptions, threads: number): Promise<number> {
  const { learner, run } = await startTraining(workloadOf(name), deviceOf(options), host, threads)
  const steps = 16
  await run(steps)
  const started = host.now()
  await run(steps)
  const took = host.now() - started
  await learner.dispose()
  return took / steps
}

/** One epoch, with everything that `fovea train` has beside its steps. */
async function epochOf({ learner, rows }: Training, batchSize: number, seed: number): Promise<void> {
  const screen = { isTerminal: true, columns: 100, write: () => {} }
  const files = memoryFiles()
  await train(learner, rows, {
    epochs: 1,
    batchSize,
    seed,
    callbacks: [terminateOnNaN()],
    listeners: [runLog(runFile(files, 'run.jsonl')), progressBar(screen, { now: host.now })],
    files,
    saveCheckpoint: checkpoint => files.write('last.ckpt', encodeCheckpoint(checkpoint)),
  })
}

export function epochText(document: EpochDocument): string {
  const { epochs, calibration } = document
  const text = (title: string, cell: (cost: EpochCost) => string) => ({
    title,
    cells: epochs.map(cell),
    align: 'right' as const,
  })
  const threads = epochs[0]?.threads ?? 0
  return [
    columns([
      { title: 'recipe', cells: epochs.map(({ recipe }) => recipe) },
      text('batch', ({ batch }) => String(batch)),
      text('threads', ({ threads }) => String(threads)),
      text('steps', ({ steps }) => String(steps)),
      text('ms/step alone', ({ aloneMsPerStep }) => aloneMsPerStep.toFixed(3)),
      text('in an epoch', ({ epochMsPerStep }) => epochMsPerStep.toFixed(3)),
      text('epoch ÷ alone', ({ ratio }) => ratio.toFixed(3)),
      text('aim', () => AIM.toFixed(2)),
    ]),
    '',
    `calibration, GFLOP/s: 1 thread ${calibration.one.toFixed(1)}, ${threads} threads ${calibration.all[threads]?.toFixed(1)}`,
    ...(document.void === null ? [] : [`VOID: ${document.void}`]),
  ].join('\n')
}
