/** Losses, metrics, optimizers and schedules against values recorded from Keras 3's own tests. */
import { describe, expect, test } from 'vitest'
import type { JsonRecord } from '../../src/base/json.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { createGraph } from '../../src/graph/builder.ts'
import { evaluate } from '../../src/graph/evaluate.ts'
import type { Node, NodeOf } from '../../src/graph/node.ts'
import { lossFromConfig, reduceLoss } from '../../src/model/losses.ts'
import { metricFromConfig, type Values, weightedMean } from '../../src/model/metric-states.ts'
import { optimizerFromConfig } from '../../src/optimizer/factories.ts'
import { learningRateAt } from '../../src/optimizer/optimizer.ts'
import { scheduleFromConfig } from '../../src/optimizer/schedules.ts'
import { updateWeights } from '../../src/optimizer/update.ts'
import { attempt, bench, expectOnlyListed } from './bench.testing.ts'
import { disagreement, missing, numbers, readCases, type Tensor, type Tolerance } from './case-files.testing.ts'

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
  return disagreement(result.data, numbers(expected), tol)
}

/** Weights [N], [N, 1] or of the values' shape get the values' rank, as in Keras. */
function alignWeights(graph: ReturnType<typeof createGraph>, weights: Node, values: Node): Node {
  const rank = values.shape.length
  const { shape } = weights
  if (shape.length === rank + 1 && shape.at(-1) === 1) return graph.reshape(weights, shape.slice(0, -1))
  const missingAxes = new Array<number>(Math.max(0, rank - shape.length)).fill(1)
  return graph.reshape(weights, [...shape, ...missingAxes])
}

/** Runs the recorded gradients through the update rule in double precision. */
async function runOptimizer({ cls, config, init, grads, expected, tol }: OptimizerCase) {
  const optimizer = optimizerFromConfig(cls, config)
  const graph = createGraph(1)
  const weight = graph.state('w', init.shape) as NodeOf<'state'>
  const gradient = graph.input('gradient', init.shape)
  const scalar = (name: string): Node => graph.input(`scalar:${name}`, [])
  const updates = updateWeights(graph, optimizer, [{ state: weight, gradient }], scalar)
  const step = { batch: 1, inputs: [], states: [], updates, outputs: [] }
  let states: Record<string, ArrayLike<number>> = { w: numbers(init) }
  for (const slot of optimizer.slots(init.shape)) {
    states[`w@${slot.name}`] = new Float64Array(sizeOf(init.shape)).fill(slot.initial)
  }
  for (const [index, given] of grads.entries()) {
    const scalars = optimizer.scalars(index + 1, learningRateAt(optimizer, index + 1))
    const fed = Object.entries(scalars).map(([name, value]) => [`scalar:${name}`, [value]])
    const inputs = { gradient: numbers(given), ...Object.fromEntries(fed) }
    states = { ...states, ...evaluate(step, { inputs, states }).updates }
  }
  // Keras computes 1 − 0.999ᵗ in float32, which is off by 1e-5 of its size, and so is each step; ours are in double.
  const rate = config['learning_rate']
  const slack = typeof rate === 'number' ? 1e-5 * rate * grads.length : 0
  return disagreement(states['w']!, numbers(expected), { ...tol, atol: tol.atol! + slack })
}

const asValues = (tensor: Tensor): Values => ({ shape: tensor.shape, data: numbers(tensor) })

async function runMetric({ cls, config, updates, expected, tol }: MetricCase) {
  const plain = cls === 'Mean' || cls === 'Sum' ? weightedMean(cls === 'Sum' ? 'sum' : 'mean') : undefined
  const metric = plain === undefined ? metricFromConfig(cls, config) : undefined
  for (const { y_true, y_pred, values, sample_weight } of updates) {
    const weights = sample_weight ? asValues(sample_weight) : undefined
    if (plain) plain.update(asValues(values!), weights)
    else metric!.update(asValues(y_true!), asValues(y_pred!), weights)
  }
  const result = (plain ?? metric)!.result()
  return disagreement(typeof result === 'number' ? [result] : result, numbers(expected), tol)
}

async function runSchedule({ cls, config, step, expected, tol }: ScheduleCase) {
  return disagreement([scheduleFromConfig(cls, config).at(numbers(step)[0]!)], numbers(expected), tol)
}

const folder = 'keras-golden'
const id = ({ cls }: Case, index: number): string => `${index} ${cls}`
const reason = missing(...['loss', 'metric', 'optimizer', 'schedule'].map(kind => `${folder}/${kind}.json`))
describe.skipIf(reason)(`training recorded from Keras 3${reason ? ` (skipped: ${reason})` : ''}`, () => {
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
