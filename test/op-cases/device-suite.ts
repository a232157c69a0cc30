/**
 * Registers the op cases or the integer cases as vitest suites for a device. Cases are compiled in groups, one program each, so
 * that a device pays for compiling once a group; a mismatch names its case.
 */
import { describe, expect, it } from 'vitest'
import type { CompileSettings, Device } from '../../packages/fovea/src/runtime/device.ts'
import { allOpCases } from './all-cases.ts'
import type { OpCase } from './case.ts'
import { integerCases } from './integer-cases.ts'
import { runCases } from './run-case.ts'

export function describeOpCases(label: string, makeDevice: () => Device, options: CompileSettings = {}): void {
  describe(`${label}: op cases agree with the oracle`, () => {
    const all = allOpCases()
    for (const kind of new Set(all.map(opCase => opCase.kind))) {
      const cases = all.filter(opCase => opCase.kind === kind)
      it.each(groupsOf(cases, 40))(`${kind}, %s`, async (_, group) => {
        expect(await runCases(makeDevice(), group, options)).toEqual([])
      })
    }
  })
}

/** `count` shapes; all of them, at least 3,000, by default. */
export function describeIntegerCases(
  label: string,
  makeDevice: () => Device,
  { count, ...options }: CompileSettings & { readonly count?: number } = {},
): void {
  describe(`${label}: integer cases equal the plain loop bit for bit`, () => {
    it.each(groupsOf(integerCases(count), 60))('%s', async (_, group) => {
      expect(await runCases(makeDevice(), group, options)).toEqual([])
    })
  })
}

/** Groups of at most `size`, each with a label. */
function groupsOf(cases: readonly OpCase[], size: number): [string, readonly OpCase[]][] {
  return Array.from({ length: Math.ceil(cases.length / size) }, (_, group) => {
    const first = group * size
    const members = cases.slice(first, first + size)
    return [`cases ${first + 1} to ${first + members.length}`, members]
  })
}
