/**
 * Before anything is timed: the very program that will be, on a few rows, against the float64 device. Compared are loss and metrics of
 * each step, and how far the steps moved every weight.
 */
import { UserError } from '../packages/fovea/src/base/errors.ts'
import type { Clock } from '../packages/fovea/src/engine/steps.ts'
import type { Device } from '../packages/fovea/src/runtime/device.ts'
import { referenceDevice } from '../packages/fovea/src/runtime/reference.ts'
import type { NamedWeight } from '../packages/fovea/src/store/model-file.ts'
import { startTraining, type Training, type Workload } from './training.ts'

const ROWS = 2
const STEPS = 2
/** Single precision against double; of a loss relative to it (where it is not almost zero), of a weight's way relative to the longest of all weights' ways. */
const LOSS_ERROR = 1e-3
const WAY_ERROR = 2e-2

/** Throws UserError naming what differs. */
export async function verify(workload: Workload, device: Device, clock: Clock, threads: number): Promise<void> {
  const ours = await startTraining(workload, device, clock, threads)
  const theirs = await startTraining(workload, referenceDevice(), clock, 1)
  try {
    const [a, b] = [await fewSteps(ours), await fewSteps(theirs)]
    const problems = [...lossProblems(a.losses, b.losses), ...wayProblems(a.ways, b.ways)]
    if (problems.length === 0) return
    throw new UserError({
      what: `Training ${workload.recipe.name} gives wrong results on ${device.name} with ${threads} threads; nothing was timed`,
      expected: 'what the reference device gives',
      received: problems.slice(0, 5).join('; '),
    })
  } finally {
    await ours.learner.dispose()
    await theirs.learner.dispose()
  }
}

interface Few {
  readonly losses: readonly number[]
  /** By weight: the difference two steps made. */
  readonly ways: ReadonlyMap<string, Float64Array>
}

async function fewSteps({ learner, run }: Training): Promise<Few> {
  const before = await learner.weights()
  const outputs = await run(STEPS, ROWS)
  const after = await learner.weights()
  return { losses: outputs.map(output => output.reports['loss']!), ways: new Map(before.map(wayOf(after))) }
}

const wayOf =
  (after: readonly NamedWeight[]) =>
  ({ name, data }: NamedWeight, index: number): [string, Float64Array] => [
    name,
    Float64Array.from(data, (value, at) => after[index]!.data[at]! - value),
  ]

function lossProblems(ours: readonly number[], theirs: readonly number[]): string[] {
  return ours.flatMap((loss, step) => {
    const expected = theirs[step]!
    const fine = Math.abs(loss - expected) <= LOSS_ERROR * (Math.abs(expected) + 0.01)
    return fine ? [] : [`loss of step ${step + 1} is ${loss} instead of ${expected}`]
  })
}

function wayProblems(ours: Few['ways'], theirs: Few['ways']): string[] {
  const rms = (way: Float64Array): number => Math.sqrt(way.reduce((sum, d) => sum + d * d, 0) / way.length)
  const longest = Math.max(...[...theirs.values()].map(rms))
  return [...theirs].flatMap(([name, way]) => {
    const own = ours.get(name)!
    const error = rms(own.map((value, index) => value - way[index]!))
    // A weight that hardly moves is measured by those that do.
    const fine = error <= WAY_ERROR * Math.max(rms(way), 1e-3 * longest)
    return fine ? [] : [`${name} went astray by ${((100 * error) / rms(way)).toFixed(2)} % of its way`]
  })
}
