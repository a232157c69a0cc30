/** The WebAssembly device on all integer cases, with one thread (no shared memory) and with two. */
import { nodeHost } from '../../src/host/node/host.ts'
import { wasmDevice } from '../../src/runtime/wasm-device.ts'
import { describeIntegerCases } from './device-suite.ts'

describeIntegerCases('WebAssembly, 1 thread', () => wasmDevice(nodeHost()), { threads: 1 })
describeIntegerCases('WebAssembly, 2 threads', () => wasmDevice(nodeHost()), { threads: 2 })
