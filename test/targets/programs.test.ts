/** A few random programs on every target: the bits of WebAssembly. All of them, op cases and networks: the slow suites beside it. */
import { describe } from 'vitest'
import { describeProgramBits } from './suite.testing.ts'
import { odd, targets } from './targets.testing.ts'

describe('random programs', () => describeProgramBits(0, 20, [...targets, odd[1]!]))
