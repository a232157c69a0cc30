/** Random programs by their numbers, in groups that are compiled together. A fault names its program: `randomProgram(number)` makes it again. */
import { expect, it } from 'vitest'
import { randomProgram } from './programs.testing.ts'
import { programFaults, waysOf } from './runs.testing.ts'

const GROUP = 20

export function describePrograms(first: number, count: number): void {
  // Sums of whole numbers are exact in the direct algorithm and in Winograd's F(2×2).
  const groups = Array.from(
    { length: count / GROUP },
    (_, group) => [first + group * GROUP, group % 2 === 0 ? ('direct' as const) : ('winograd2' as const)] as const,
  )
  it.each(groups)(`programs %i and the next ${GROUP - 1}, %s`, async (number, algorithm) => {
    const programs = Array.from({ length: GROUP }, (_, index) => randomProgram(number + index))
    expect(await programFaults(programs, waysOf(algorithm))).toEqual([])
  })
}
