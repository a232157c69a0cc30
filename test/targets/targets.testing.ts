/**
 * Targets to compare with WebAssembly: the interpreter at 4, 8 and 16 lanes, and at other numbers of everything else that a target has, so
 * that a kernel or a pass that holds one of them itself is found.
 */
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { type Target, wasm128 } from '../../packages/fovea/src/plan/target.ts'
import type { Device } from '../../packages/fovea/src/runtime/device.ts'
import { type InterpreterOptions, interpreterDevice } from '../../packages/fovea/src/runtime/interpreter-device.ts'

const host = nodeHost()

export function ofLanes(lanes: number, other: Partial<Target> = {}): Target {
  return { ...wasm128, name: `${lanes} lanes`, lanes, vectorBytes: 4 * lanes, ...other }
}

export const targets: readonly Target[] = [ofLanes(4), ofLanes(8), ofLanes(16)]

/** Vectors and blocks in every relation, and little of everything that loops and caches may hold. */
export const odd: readonly Target[] = [
  ofLanes(16, { name: 'wide', block: 32, tileRows: 8, carried: 2, panelVectors: 2, alone: { kernel: 0, step: 0 } }),
  ofLanes(8, {
    name: 'narrow',
    block: 4,
    tileRows: 2,
    carried: 1,
    panelVectors: 1,
    cache: { line: 32, near: 1 << 10, own: 2 << 10, far: 1 << 10 },
    dense: { weightsOfSlice: 16, outputs: 16, rows: 3, tile: 16, tileRows: 2 },
    alone: { kernel: 0, step: 0 },
    winograd: { channels: 8, tiles: 3 },
  }),
]

/** The interpreter for a target, under the target's name. */
export function interpreterOf(target: Target, options: InterpreterOptions = {}): Device {
  return { ...interpreterDevice(host, { ...options, target }), name: target.name }
}
