/**
 * Thirty training steps of the network `shapes-cnn` on the built-in data set, and the hash of its weights: equal for any number of
 * threads, engine and machine. Run it under another Node to compare (`FOVEA_UPDATE_GOLDENS` keeps the recorded one).
 */
import { generateShapes } from '../../packages/fovea/src/data/shapes.ts'
import { zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { weightsSha256 } from '../../packages/fovea/src/store/weights-hash.ts'
import { buildStep, compile } from './runs.testing.ts'

const batch = 16
const steps = 30

export async function bitsAfterThirtySteps(threads: number): Promise<string> {
  const { train: split, shape } = generateShapes({ train: batch * steps, test: 1 })
  const size = shape.reduce((product, extent) => product * extent, 1)
  const step = buildStep(zooModel('shapes-cnn').build(), { batch })
  const program = await compile({ ...step, entries: { train: step.entries['train']! } }, { threads })
  await program.run('train', steps, (number, slots) => {
    const scalars = step.scalars(number)
    const first = number * batch
    for (const [name, slot] of Object.entries(slots)) {
      if (name === 'randomKey') slot.set([number, 3])
      else if (name.startsWith('scalar:')) slot[0] = scalars[name.slice(7)]!
      else if (name.startsWith('weight:')) slot.fill(1)
      else if (name.startsWith('target:')) slot.set(split.labels.subarray(first, first + batch))
      else slot.set(split.images.subarray(first * size, (first + batch) * size))
    }
    return batch
  })
  const states = await program.readStates(step.model.weights.map(({ name }) => name))
  await program.dispose()
  return weightsSha256(
    step.model.weights.map(({ name, shape }) => ({ name, shape, data: states[name] as Float32Array })),
  )
}
