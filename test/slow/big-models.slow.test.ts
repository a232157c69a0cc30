/**
 * The published networks at their own input size: compiled, one prediction, two training steps on two pictures. The loss is a number
 * of the size that chance gives, and every weight moves; memory that would pass 4 GiB is refused in words.
 */
import { describe, expect, it } from 'vitest'
import { parameterCounts } from '../../packages/fovea/src/network/weights.ts'
import { zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { buildStep, compile, feedFrom, type Step } from '../wasm/runs.testing.ts'

/** Only the entries that are run: plans of the others take time. */
function trainingOnly(step: Step): Step {
  const { train, predict } = step.entries
  return { ...step, entries: { train: train!, predict: predict! } }
}

describe('big networks', () => {
  it.each([
    ['mobilenet-v1', 1000],
    ['mobilenet-v2', 1000],
    ['alexnet', 1000],
    ['alexnet-grouped', 1000],
    ['resnet18', 1000],
    ['googlenet', 1000],
    ['googlenet-auxiliary', 1000],
    ['resnet50', 1000],
    ['vgg16', 1000],
    ['resnet20', 10],
    ['resnet56', 10],
  ] as const)('%s', async (name, classes) => {
    const model = zooModel(name).build()
    const step = trainingOnly(buildStep(model, { batch: 2, optimizer: 'sgd' }))
    const program = await compile(step, { threads: 2 })
    const [predicted] = await program.run('predict', 1, feedFrom(step, 0))
    const started = performance.now()
    for (const { name: output } of model.outputs) {
      const scores = predicted![`predictions:${output}`] as Float32Array
      expect(scores).toHaveLength(2 * classes)
      expect(scores.slice(0, classes).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4)
    }
    const [first, second] = await program.run('train', 2, feedFrom(step, 0))
    const seconds = (performance.now() - started) / 2000
    for (const { loss } of [first!, second!]) {
      expect(loss![0]).toBeGreaterThan(0.1)
      expect(loss![0]).toBeLessThan(model.outputs.length * 40)
    }
    const states = await program.readStates()
    for (const weight of model.weights) {
      const values = states[weight.name]!
      expect(values.every(Number.isFinite), weight.name).toBe(true)
      if (/kernel/.test(weight.name)) expect(values, weight.name).not.toEqual(step.states[weight.name])
    }
    const { compileSeconds, memoryBytes, codeBytes } = program.info
    console.log(
      `${name}: ${parameterCounts(model).total} parameters, compiled in ${compileSeconds.toFixed(1)} s,` +
        ` ${(memoryBytes / 2 ** 20).toFixed(0)} MiB, ${(codeBytes / 2 ** 10).toFixed(0)} KiB of code, ${seconds.toFixed(2)} s a step`,
    )
    await program.dispose()
  })

  it('more than 4 GiB is refused with the size', async () => {
    const step = trainingOnly(buildStep(zooModel('vgg16').build(), { batch: 64 }))
    await expect(compile(step, { threads: 1 }, false)).rejects.toThrow(
      /does not fit[\s\S]*4 GiB[\s\S]*GiB[\s\S]*smaller batch/,
    )
  })
})
