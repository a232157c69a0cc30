/** The WebAssembly device on every op case and some integer cases, with one thread (no shared memory) and with two. */
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { describeIntegerCases, describeOpCases } from './device-suite.ts'

const device = () => wasmDevice(nodeHost())

// Winograd's F(4×4) has a bound of its own: winograd.test.ts.
describeOpCases(device, [
  { algorithm: 'direct', threads: 1 },
  { algorithm: 'direct', threads: 2 },
])
// Sums of whole numbers are exact in the direct algorithm and in Winograd's F(2×2), whatever their order.
describeIntegerCases(
  device,
  [
    { algorithm: 'direct', threads: 2 },
    { algorithm: 'winograd2', threads: 2 },
  ],
  360,
)
