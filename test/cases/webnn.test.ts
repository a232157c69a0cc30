/** Graph operations against the W3C WebNN reference implementation (recorded in double precision). */
import { expect, test } from 'vitest'
import type { Node } from '../../packages/fovea/src/graph/node.ts'
import { attempt, type Bench, bench, expectOnlyListed } from './bench.testing.ts'
import { disagreement, missing, numbers, readCases, type Tensor } from './case-files.testing.ts'
import { allowed, onEveryDevice } from './devices.testing.ts'
import { type Argument, splitPart, webnnOps } from './webnn-ops.testing.ts'

interface Case {
  readonly test: string
  readonly op: string
  readonly args: readonly Argument[]
  readonly expected: Tensor
}

const tolerance = { rtol: 1e-5, atol: 1e-6 }

function build(bench: Bench, { op, args }: Case, part: number): Node {
  if (op === 'split') return splitPart(bench, args[0], args[1], args[2], part)
  return webnnOps[op]!(bench, ...args)
}

const file = 'webnn-baseline/cases.json'
const reason = missing(file)
onEveryDevice('values of the WebNN reference', reason, () => {
  test('operations', async () => {
    const cases = readCases<Case>(file)
    /** `split` has one case for each part, one after the other. */
    const partOf = (index: number): number => {
      const same = (other: number): boolean =>
        other >= 0 &&
        JSON.stringify(cases[other]!.args) === JSON.stringify(cases[index]!.args) &&
        cases[other]!.op === 'split'
      let first = index
      while (same(first - 1)) first--
      return index - first
    }
    const attempts = await attempt(
      cases.map((one, index) => ({ ...one, part: partOf(index) })),
      ({ op }, index) => `${index} ${op}`,
      async one => {
        // Normalisation over all but the batch needs to know the batch; elsewhere there is none.
        const onBench = bench(Math.max(1, (one.args[0] as Tensor).shape?.[0] ?? 1))
        const result = await onBench.run(build(onBench, one, one.part))
        expect(result.shape).toEqual(one.expected.shape)
        return disagreement(result.data, numbers(one.expected), allowed(tolerance))
      },
    )
    expectOnlyListed('webnn-baseline', attempts)
  })
})
