/** The WebAssembly device on all integer cases, with one thread (no shared memory) and with two. */
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { describeIntegerCases } from './device-suite.ts'

describeIntegerCases(
  () => wasmDevice(nodeHost()),
  [1, 2].flatMap(threads => (['direct', 'winograd2'] as const).map(algorithm => ({ algorithm, threads }))),
)
