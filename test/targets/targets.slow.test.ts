/** All integer cases, a thousand random programs, Winograd's shapes and all networks on the targets: the bits of WebAssembly. */
import { describe } from 'vitest'
import { largeFilters } from '../op-cases/winograd-cases.ts'
import { type NetworkName, networks } from '../wasm/networks.testing.ts'
import { describeIntegerBits, describeNetworkBits, describeProgramBits, describeWinogradBits } from './suite.testing.ts'
import { odd, targets } from './targets.testing.ts'

// Four lanes are those of WebAssembly: the other two widths take a minute each.
describeIntegerBits(undefined, targets.slice(1))
describeWinogradBits({ count: 30, large: largeFilters.length }, [...targets, ...odd])
describe('random programs', () => describeProgramBits(0, 1000, targets))
describe('random programs, with other blocks, tiles and caches', () => describeProgramBits(1000, 100, odd))
describe('networks', () => describeNetworkBits(Object.keys(networks) as NetworkName[], targets))
