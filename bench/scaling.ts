/**
 * How the cost of a training step grows: a small convolutional network at batch 8 … 512, and with 1, 2 and 4 times as many filters. The
 * limit is the time its multiplications take at the calibration loop's rate on as many threads.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { columns } from '../packages/fovea/src/base/text.ts'
import { conv2d } from '../packages/fovea/src/layers/conv.ts'
import { dense } from '../packages/fovea/src/layers/dense.ts'
import { maxPooling2d } from '../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../packages/fovea/src/layers/shaping.ts'
import type { Model } from '../packages/fovea/src/network/model.ts'
import { sequential } from '../packages/fovea/src/network/sequential.ts'
import { calibrationLog } from './calibration-log.ts'
import { type Contestant, repeated } from './contestant.ts'
import type { BenchDocument } from './document.ts'
import { ownVersions, signature } from './machine.ts'
import { deviceOf, host } from './measure.ts'
import type { BenchOptions } from './options.ts'
import { interleave } from './rounds.ts'
import { least, median } from './statistics.ts'
import { startTraining, type Workload, workloadOf } from './training.ts'
import { trainingCost } from './training-work.ts'

const BATCHES = [8, 32, 128, 512]
const WIDTHS = [1, 2, 4]
/** The batch of the widths, and the width of the batches. */
const BATCH = 32
const WIDTH = 1

export interface ScalingPoint {
  readonly batch: number
  readonly width: number
  readonly msPerStep: number
  readonly leastMsPerStep: number
  readonly limitMsPerStep: number
}

export type ScalingDocument = Omit<BenchDocument, 'results' | 'geometricMean'> & {
  readonly threads: number
  readonly scaling: readonly ScalingPoint[]
}

export async function measureScaling(options: BenchOptions, say: (text: string) => void): Promise<ScalingDocument> {
  const threads = options.threads.at(-1)!
  const signed = signature()
  const shapes = [
    ...BATCHES.map(batch => ({ batch, width: WIDTH })),
    ...WIDTHS.filter(width => width !== WIDTH).map(width => ({ batch: BATCH, width })),
  ]
  const calibration = await calibrationLog(host, [threads])
  const runs: { readonly contestant: Contestant; readonly shape: (typeof shapes)[number]; readonly done: number }[] = []
  try {
    for (const shape of shapes) {
      say(`batch ${shape.batch}, width × ${shape.width} …`)
      const workload = smallNetwork(shape.batch, shape.width)
      const { learner, run } = await startTraining(workload, deviceOf(options), host, threads)
      const work = async (steps: number): Promise<void> => void (await run(steps))
      const contestant = repeated(`${shape.batch} × ${shape.width}`, host.now, work, () => learner.dispose())
      runs.push({ contestant, shape, done: (await trainingCost(workload)).done })
    }
    const times = await interleave(
      runs.map(({ contestant }) => contestant),
      {
        ...{ warmUp: 3, rounds: 7, turn: 250, pause: () => sleep(25) },
        between: calibration.measure,
      },
    )
    const rate = calibration.rate(threads)
    return {
      ...signed,
      versions: ownVersions(),
      ...calibration.found(),
      threads,
      scaling: runs.map(({ contestant, shape, done }) => ({
        ...shape,
        msPerStep: median(times.get(contestant)!),
        leastMsPerStep: least(times.get(contestant)!),
        limitMsPerStep: (done / rate) * 1000,
      })),
    }
  } finally {
    for (const { contestant } of runs) await contestant.close()
    await calibration.close()
  }
}

function smallNetwork(batch: number, width: number): Workload {
  const workload = workloadOf('cifar10-cnn')
  return { ...workload, recipe: { ...workload.recipe, batchSize: batch }, model: network(width) }
}

function network(width: number): Model {
  const convolution = (filters: number) =>
    conv2d({ filters: filters * width, kernelSize: 3, padding: 'same', activation: 'relu' })
  return sequential([
    rescaling({ inputShape: [32, 32, 3], scale: 1 / 255 }),
    ...[16, 32, 64].flatMap(filters => [convolution(filters), maxPooling2d()]),
    flatten(),
    dense({ units: 10, activation: 'softmax' }),
  ])
}

/** Steps a second over the batch, milliseconds a step over the width. What draws is loaded only here, after everything is timed. */
export async function scalingChart(document: Pick<ScalingDocument, 'scaling' | 'threads'>): Promise<string> {
  const { svgChart } = await import('./chart.ts')
  const { scaling, threads } = document
  const batches = scaling.filter(({ width }) => width === WIDTH)
  const widths = scaling.filter(({ batch }) => batch === BATCH)
  return svgChart(
    [
      {
        ...{ title: 'Steps a second', xLabel: 'batch' },
        lines: [
          { name: 'Fovea', points: batches.map(({ batch, msPerStep }) => [batch, 1000 / msPerStep]) },
          { name: 'limit', isLimit: true, points: batches.map(each => [each.batch, 1000 / each.limitMsPerStep]) },
        ],
      },
      {
        ...{ title: `Milliseconds a step, batch ${BATCH}`, xLabel: 'width: times 16, 32, 64 filters' },
        lines: [
          { name: 'Fovea', points: widths.map(({ width, msPerStep }) => [width, msPerStep]) },
          { name: 'limit', isLimit: true, points: widths.map(each => [each.width, each.limitMsPerStep]) },
        ],
      },
    ],
    `Training steps of a small convolutional network on ${threads} threads, with the limit of its multiplications`,
  )
}

export function scalingText({ scaling, calibration, threads, ...document }: ScalingDocument): string {
  const cells = (text: (point: ScalingPoint) => string) => ({ cells: scaling.map(text), align: 'right' as const })
  const table = columns([
    { title: 'batch', ...cells(({ batch }) => String(batch)) },
    { title: 'width', ...cells(({ width }) => `× ${width}`) },
    { title: 'ms/step', ...cells(({ msPerStep }) => msPerStep.toFixed(3)) },
    { title: 'steps/s', ...cells(({ msPerStep }) => (1000 / msPerStep).toFixed(1)) },
    { title: 'µs a picture', ...cells(({ msPerStep, batch }) => ((1000 * msPerStep) / batch).toFixed(1)) },
    { title: 'limit', ...cells(({ limitMsPerStep }) => limitMsPerStep.toFixed(3)) },
    { title: 'of limit', ...cells(each => `${((100 * each.limitMsPerStep) / each.msPerStep).toFixed(0)} %`) },
  ])
  const rates = `calibration, GFLOP/s: 1 thread ${calibration.one.toFixed(1)}, ${threads} threads ${calibration.all[threads]!.toFixed(1)}`
  return [table, '', rates, ...(document.void === null ? [] : [`VOID: ${document.void}`])].join('\n')
}
