/** The test data of ONNX's own backends, each case asked of Fovea: those that do not agree stand in unsupported-onnx.json, with the reason. */
import { test } from 'vitest'
import { attempt, expectOnlyListed } from './bench.testing.ts'
import { onEveryDevice } from './devices.testing.ts'
import { backendCases, backendMissing, runBackendCase, unpackedCases } from './onnx-backend.testing.ts'

// Some cases hold doubles that only the reference device can.
onEveryDevice(
  "ONNX's backend cases",
  backendMissing(),
  () => {
    test('agree, but for those that are listed', async () => {
      const attempts = await attempt(backendCases(unpackedCases()), ({ id }) => id, runBackendCase)
      expectOnlyListed('onnx-backend', attempts, 'unsupported-onnx.json')
    })
  },
  'wasm',
)
