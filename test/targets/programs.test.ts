/** Some random programs and networks on every target: the bits of WebAssembly. */
import { describe } from 'vitest'
import { describeNetworkBits, describeProgramBits } from './suite.testing.ts'
import { odd, targets } from './targets.testing.ts'

describe('random programs', () => describeProgramBits(0, 60, [...targets, odd[1]!]))
describe('networks', () => describeNetworkBits(['lenet', 'branches'], targets))
