/** The WebAssembly device on all integer cases, with one thread (no shared memory) and with two. */
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { describeIntegerCases } from './device-suite.ts'

for (const threads of [1, 2]) {
  for (const algorithm of ['direct', 'winograd2'] as const) {
    describeIntegerCases(`WebAssembly, ${algorithm}, ${threads} threads`, () => wasmDevice(nodeHost()), {
      threads,
      algorithm,
    })
  }
}
