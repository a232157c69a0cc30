/**
 * Memory of a whole training: at most twice what nobody can do without (parameters, their gradients, the optimizer's state and the
 * largest sum of values alive at a time, when the graph is computed in the order it is written and nothing is fused).
 */
import { describe, expect, it } from 'vitest'
import { bytesOf, sizeOf } from '../../packages/fovea/src/base/shape.ts'
import { buildEntries } from '../../packages/fovea/src/engine/entries.testing.ts'
import { nodesOf, type StepGraph } from '../../packages/fovea/src/graph/node.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { lossOf } from '../../packages/fovea/src/objectives/losses.ts'
import { optimizerFromConfig } from '../../packages/fovea/src/optimizer/factories.ts'
import { baseOf, isSource, isView } from '../../packages/fovea/src/plan/operations.ts'
import { recipe } from '../../packages/fovea/src/recipes/recipes.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'

const cheapKinds = ['constant', 'batchSize', 'iota', 'broadcast']

function peakOfValues(graph: StepGraph): number {
  const nodes = nodesOf(graph)
  const lastUse = new Map(nodes.map((node, index) => [node, index]))
  for (const [index, node] of nodes.entries()) for (const input of node.inputs) lastUse.set(baseOf(input), index)
  for (const node of [...graph.outputs.map(output => output.node), ...graph.updates.map(update => update.value)])
    lastUse.set(baseOf(node), nodes.length)
  const changes = new Float64Array(nodes.length + 2)
  for (const [index, node] of nodes.entries()) {
    if (isView(node) || isSource(node) || cheapKinds.includes(node.kind)) continue
    const bytes = sizeOf(node.shape) * bytesOf[node.dtype]
    changes[index]! += bytes
    changes[lastUse.get(node)! + 1]! -= bytes
  }
  let alive = 0
  return changes.reduce((most, change) => {
    alive += change
    return Math.max(most, alive)
  }, 0)
}

describe('memory of a training', () => {
  it.each(['cifar10-cnn-optimized', 'cifar10-cnn-wide', 'mnist-cnn'])('%s: at most twice the necessary', async name => {
    const { model: zooName, optimizer: config, loss, metrics, batchSize: batch } = recipe(name)
    const model = zooModel(zooName as string).build()
    const optimizer = optimizerFromConfig(config.type, config.config)
    const entries = { ...buildEntries(model, { batch, inputTypes: ['u8'], loss: lossOf(loss), metrics, optimizer }) }
    const states = entries.train.states.reduce((sum, state) => sum + sizeOf(state.shape) * 4, 0)
    const gradients = model.weights.reduce((sum, weight) => sum + (weight.trainable ? sizeOf(weight.shape) * 4 : 0), 0)
    const program = await wasmDevice(nodeHost()).compile(entries, { threads: 2 })
    await program.dispose()
    expect(program.info.memoryBytes).toBeLessThanOrEqual(2 * (states + gradients + peakOfValues(entries.train)))
  })
})
