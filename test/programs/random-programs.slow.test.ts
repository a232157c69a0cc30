/** More random programs than the unit suite has time for. */
import { describe } from 'vitest'
import { describePrograms } from './suite.testing.ts'

describe('random programs', () => {
  describePrograms(1000, 1000)
})
