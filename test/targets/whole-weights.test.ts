/** The one number of a target that decides bits: the sum over a whole weight takes its numbers block by block, as they lie. */
import { expect, it } from 'vitest'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import type { OpCase } from '../op-cases/case.ts'
import { bitFaults } from './same-bits.testing.ts'
import { interpreterOf, ofLanes } from './targets.testing.ts'

const squares: OpCase = {
  name: 'squares',
  kind: 'composite',
  batch: 2,
  build: c => {
    const weight = c.state([150, 40])
    const product = c.graph.matmul(c.rows([150]), weight)
    return [product, c.graph.sum(c.graph.mul(weight, weight), [0, 1])]
  },
}
const faults = (block: number): Promise<string[]> =>
  bitFaults([wasmDevice(nodeHost()), ...[4, 8, 16].map(lanes => interpreterOf(ofLanes(lanes, { block })))], [squares])

it('in blocks of eight the sum of squares is the same at any number of lanes', async () => {
  expect(await faults(8)).toEqual([])
})

it('in other blocks it is another one, at any number of lanes; the product is the same', async () => {
  const found = await faults(32)
  expect(found.map(fault => fault.replace(/ is .*/, ''))).toEqual(
    [4, 8, 16].flatMap(lanes => [2, 1].map(rows => `${lanes} lanes: squares, ${rows} rows, y1[0]`)),
  )
  expect(new Set(found.map(fault => fault.replace(/.* is /, ''))).size).toBe(1)
})
