/** Some random programs and networks on every target: the bits of WebAssembly. */
import { describe } from 'vitest'
import { describeNetworkBits, describeProgramBits } from './suite.testing.ts'
import { odd, targets } from './targets.testing.ts'

describe('random programs', () => describeProgramBits(0, 80, [...targets, ...odd]))
describe('networks', () => describeNetworkBits(['cnn', 'lenet'], targets))
