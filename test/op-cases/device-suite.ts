/**
 * Registers the op cases or the integer cases as vitest suites for settings of a device. Cases are compiled in groups, one program each, so
 * that a device pays for compiling once a group; every group runs with all settings before the next, so that the oracle is asked once. A
 * mismatch names its case.
 */
import { describe, expect, it } from 'vitest'
import type { CompileSettings, Device } from '../../packages/fovea/src/runtime/device.ts'
import { allOpCases } from './all-cases.ts'
import type { OpCase } from './case.ts'
import { integerCases } from './integer-cases.ts'
import { runCases } from './run-case.ts'

export function describeOpCases(makeDevice: () => Device, settings: readonly CompileSettings[]): void {
  const all = allOpCases()
  const groups = [...new Set(all.map(({ kind }) => kind))].flatMap(kind =>
    groupsOf(
      all.filter(opCase => opCase.kind === kind),
      40,
    ).map(([label, group]) => [`${kind}, ${label}`, group] as const),
  )
  describe('op cases agree with the oracle', () => describeGroups(groups, makeDevice, settings))
}

/** `count` shapes; all of them, at least 3,000, by default. */
export function describeIntegerCases(
  makeDevice: () => Device,
  settings: readonly CompileSettings[],
  count?: number,
): void {
  describe('integer cases equal the plain loop bit for bit', () =>
    describeGroups(groupsOf(integerCases(count), 60), makeDevice, settings))
}

type Group = readonly [label: string, cases: readonly OpCase[]]

function describeGroups(
  groups: readonly Group[],
  makeDevice: () => Device,
  settings: readonly CompileSettings[],
): void {
  const runs = groups.flatMap(([label, group]) =>
    settings.map(each => [label, Object.values(each).join(', '), group, each] as const),
  )
  it.each(runs)('%s (%s)', async (_label, _settings, group, options) => {
    expect(await runCases(makeDevice(), group, options)).toEqual([])
  })
}

/** Groups of at most `size`, each with a label. */
function groupsOf(cases: readonly OpCase[], size: number): Group[] {
  return Array.from({ length: Math.ceil(cases.length / size) }, (_, group) => {
    const first = group * size
    const members = cases.slice(first, first + size)
    return [`cases ${first + 1} to ${first + members.length}`, members]
  })
}
