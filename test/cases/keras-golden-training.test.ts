/** Losses, metrics, optimizers and schedules against values recorded from Keras 3's own tests. */
import { expect, test } from 'vitest'
import type { JsonRecord } from '../../packages/fovea/src/base/json.ts'
import { sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { createGraph } from '../../packages/fovea/src/graph/builder.ts'
import type { Node, NodeOf } from '../../packages/fovea/src/graph/node.ts'
import { lossFromConfig, reduceLoss } from '../../packages/fovea/src/objectives/losses.ts'
import { weightedSums } from '../../packages/fovea/src/objectives/mean-metrics.ts'
import { broadcastTo, type MetricValues } from '../../packages/fovea/src/objectives/metric-values.ts'
import { metricFromConfig } from '../../packages/fovea/src/objectives/metrics.ts'
import { optimizerFromConfig } from '../../packages/fovea/src/optimizer/factories.ts'
import { learningRateAt } from '../../packages/fovea/src/optimizer/optimizer.ts'
import { scheduleFromConfig } from '../../packages/fovea/src/optimizer/schedules.ts'
import { updateWeights } from '../../packages/fovea/src/optimizer/update.ts'
import { attempt, bench, expectOnlyListed } from './bench.testing.ts'
import { disagreement, missing, numbers, readCases, type Tensor, type Tolerance } from './case-files.testing.ts'
import { allowed, currentDevice, onEveryDevice } from './devices.testing.ts'

interface Case {
  readonly cls: string
  readonly config: JsonRecord
  readonly expected: Tensor
  readonly tol: Tolerance
}
interface LossCase extends Case {
  readonly y_true: Tensor
  readonly y_pred: Tensor
  readonly sample_weight: Tensor | null
}
interface OptimizerCase extends Case {
  readonly init: Tensor
  readonly grads: readonly Tensor[]
}
interface MetricUpdate {
  readonly y_true?: Tensor
  readonly y_pred?: Tensor
  /** Of Mean and Sum. */
  readonly values?: Tensor
  readonly sample_weight?: Tensor | null
}
interface MetricCase extends Case {
  readonly updates: readonly MetricUpdate[]
}
interface ScheduleCase extends Case {
  readonly step: Tensor
}

async function runLoss({ cls, config, y_true, y_pred, sample_weight, expected, tol }: LossCase) {
  const loss = lossFromConfig(cls, config)
  const onBench = bench(y_pred.shape[0]!)
  const values = loss.values(onBench.graph, onBench.input(y_true, true), onBench.input(y_pred, true))
  const weights = sample_weight === null ? undefined : onBench.input(sample_weight, sample_weight.shape.length > 0)
  const aligned = weights && weights.shape.length > 0 ? alignWeights(onBench.graph, weights, values) : weights
  const result = await onBench.run(reduceLoss(onBench.graph, values, aligned, loss.reduction))
  expect(sizeOf(result.shape)).toBe(sizeOf(expected.shape))
  return disagreement(result.data, numbers(expected), allowed(tol))
}

/** Weights [N], [N, 1] or of the values' shape get the values' rank, as in Keras. */
function alignWeights(graph: ReturnType<typeof createGraph>, weights: Node, values: Node): Node {
  const rank = values.shape.length
  const { shape } = weights
  if (shape.length === rank + 1 && shape.at(-1) === 1) return graph.reshape(weights, shape.slice(0, -1))
  const missingAxes = new Array<number>(Math.max(0, rank - shape.length)).fill(1)
  return graph.reshape(weights, [...shape, ...missingAxes])
}

/** Runs the recorded gradients through the update rule, one step of the device each. */
async function runOptimizer({ cls, config, init, grads, expected, tol }: OptimizerCase) {
  const optimizer = optimizerFromConfig(cls, config)
  const graph = createGraph(1)
  const weight = graph.state('w', init.shape) as NodeOf<'state'>
  const gradient = graph.input('gradient', init.shape)
  const scalars = new Map<string, NodeOf<'input'>>()
  const scalar = (name: string): Node => {
    const node = graph.input(`scalar:${name}`, [])
    scalars.set(name, node)
    return node
  }
  const updates = updateWeights(graph, optimizer, [{ state: weight, gradient }], scalar)
  const states = updates.map(({ state }) => state)
  const program = await currentDevice().compile({
    step: { batch: 1, inputs: [gradient, ...scalars.values()], states, updates, outputs: [] },
  })
  try {
    const slots = optimizer.slots(init.shape).map(slot => [`w@${slot.name}`, slot.initial] as const)
    const first = slots.map(([name, initial]) => [name, new Float64Array(sizeOf(init.shape)).fill(initial)] as const)
    await program.writeStates({ w: numbers(init), ...Object.fromEntries(first) })
    await program.run('step', grads.length, (index, feeds) => {
      feeds['gradient']!.set(numbers(grads[index]!))
      const values = optimizer.scalars(index + 1, learningRateAt(optimizer, index + 1))
      for (const name of scalars.keys()) feeds[`scalar:${name}`]![0] = values[name]!
      return 1
    })
    const { w } = await program.readStates(['w'])
    return disagreement(w!, numbers(expected), allowed(roundedLike(config, grads.length, tol)))
  } finally {
    await program.dispose()
  }
}

/** Keras computes 1 − 0.999ᵗ in float32, which is off by 1e-5 of its size, and so is each step; ours are in double. */
function roundedLike(config: JsonRecord, steps: number, tolerance: Tolerance): Tolerance {
  const rate = config['learning_rate']
  return { ...tolerance, atol: tolerance.atol! + (typeof rate === 'number' ? 1e-5 * rate * steps : 0) }
}

const asValues = (tensor: Tensor): MetricValues => ({ shape: tensor.shape, data: numbers(tensor) })

async function runMetric({ cls, config, updates, expected, tol }: MetricCase) {
  if (cls === 'Mean' || cls === 'Sum') return disagreement([plainValues(cls, updates)], numbers(expected), tol)
  const metric = metricFromConfig(cls, config)
  for (const { y_true, y_pred, sample_weight } of updates) {
    metric.update(asValues(y_true!), asValues(y_pred!), sample_weight ? asValues(sample_weight) : undefined)
  }
  return disagreement([metric.result()].flat(2), numbers(expected), tol)
}

/** Keras's Mean and Sum have no labels: what they add up is what every mean metric does. */
function plainValues(cls: string, updates: readonly MetricUpdate[]): number {
  const sums = updates.map(({ values, sample_weight }) => {
    const given = asValues(values!)
    const weights = sample_weight ? asValues(sample_weight) : undefined
    if (cls === 'Mean') return weightedSums(given, weights)
    const flat = (data: ArrayLike<number>): MetricValues => ({ shape: [data.length], data })
    return weightedSums(flat(given.data), weights && flat(broadcastTo(weights, given.shape)))
  })
  const [sum, weight] = [0, 1].map(part => sums.reduce((all, each) => all + each[part]!, 0)) as [number, number]
  return cls === 'Sum' ? sum : sum / weight
}

async function runSchedule({ cls, config, step, expected, tol }: ScheduleCase) {
  return disagreement([scheduleFromConfig(cls, config).at(numbers(step)[0]!)], numbers(expected), tol)
}

const folder = 'keras-golden'
const id = ({ cls }: Case, index: number): string => `${index} ${cls}`
const reason = missing(...['loss', 'metric', 'optimizer', 'schedule'].map(kind => `${folder}/${kind}.json`))
onEveryDevice('training recorded from Keras 3', reason, () => {
  test('losses', async () => {
    expectOnlyListed(`${folder}/loss`, await attempt(readCases<LossCase>(`${folder}/loss.json`), id, runLoss))
  })
  test('metrics', async () => {
    expectOnlyListed(`${folder}/metric`, await attempt(readCases<MetricCase>(`${folder}/metric.json`), id, runMetric))
  })
  test('optimizers', async () => {
    const cases = readCases<OptimizerCase>(`${folder}/optimizer.json`)
    expectOnlyListed(`${folder}/optimizer`, await attempt(cases, id, runOptimizer))
  })
  test('schedules', async () => {
    const cases = readCases<ScheduleCase>(`${folder}/schedule.json`)
    expectOnlyListed(`${folder}/schedule`, await attempt(cases, id, runSchedule))
  })
})
