/**
 * Registers the op cases and the integer cases as vitest suites for a device. Cases are compiled in groups, one program each, so
 * that a device pays for compiling once a group; a mismatch names its case.
 */
import { describe, expect, it } from 'vitest'
import type { CompileOptions, Device } from '../../src/runtime/device.ts'
import { allOpCases } from './all-cases.ts'
import type { OpCase } from './case.ts'
import { integerCases } from './integer-cases.ts'
import { runCases } from './run-case.ts'

export interface SuiteOptions extends CompileOptions {
  /** Integer cases to run, 3,060 by default. */
  readonly integers?: number
}

export function describeDevice(label: string, makeDevice: () => Device, options: SuiteOptions = {}): void {
  const { integers, ...compileOptions } = options
  describe(`${label}: op cases agree with the oracle`, () => {
    const byKind = Map.groupBy(allOpCases(), opCase => opCase.kind)
    for (const [kind, cases] of byKind) {
      it.each(groupsOf(cases, 40))(`${kind}, %s`, async (_, group) => {
        expect(await runCases(makeDevice(), group, compileOptions)).toEqual([])
      })
    }
  })
  describe(`${label}: integer cases equal the plain loop bit for bit`, () => {
    it.each(groupsOf(integerCases(integers), 60))('%s', async (_, group) => {
      expect(await runCases(makeDevice(), group, compileOptions)).toEqual([])
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
