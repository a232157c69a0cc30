/** All integer cases, a thousand random programs and all networks on the targets: the bits of WebAssembly. */
import { describe } from 'vitest'
import { type NetworkName, networks } from '../wasm/networks.testing.ts'
import { describeIntegerBits, describeNetworkBits, describeProgramBits } from './suite.testing.ts'
import { odd, targets } from './targets.testing.ts'

describeIntegerBits(undefined, targets)
describe('random programs', () => describeProgramBits(0, 1000, [...targets, ...odd]))
describe('networks', () => describeNetworkBits(Object.keys(networks) as NetworkName[], targets))
