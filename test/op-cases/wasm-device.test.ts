/** The WebAssembly device on every op case and some integer cases, with one thread (no shared memory) and with two. */
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { describeIntegerCases, describeOpCases } from './device-suite.ts'

// Winograd's F(4×4) has a bound of its own: winograd.test.ts.
describeOpCases('WebAssembly, 1 thread', () => wasmDevice(nodeHost()), { threads: 1, algorithm: 'direct' })
describeOpCases('WebAssembly, 2 threads', () => wasmDevice(nodeHost()), { threads: 2, algorithm: 'direct' })
// Sums of whole numbers are exact in the direct algorithm and in Winograd's F(2×2), whatever their order.
for (const algorithm of ['direct', 'winograd2'] as const) {
  describeIntegerCases(`WebAssembly, 2 threads, ${algorithm}`, () => wasmDevice(nodeHost()), {
    threads: 2,
    count: 360,
    algorithm,
  })
}
