import { expect, test } from 'vitest'
import { alarmText, verdicts } from './alarm.ts'

test('kinds under half of their limit fail, unless they are too short or known to be slower', () => {
  const found = verdicts([
    { kind: 'matmul', ms: 60, limitMs: 40 },
    { kind: 'matmul', ms: 10, limitMs: 1 },
    { kind: 'map', ms: 40, limitMs: 19 },
    { kind: 'affineSample', ms: 10, limitMs: 1 },
    { kind: 'fill', ms: 0.1, limitMs: 0.01 },
  ])
  expect(found.map(({ kind, fails, judged }) => [kind, fails, judged])).toEqual([
    ['matmul', false, true],
    ['map', true, true],
    ['affineSample', false, true],
    ['fill', false, false],
  ])
  expect(found[0]!.share).toBeCloseTo(41 / 70, 12)
  expect(alarmText({ verdicts: found, busy: false })).toMatch(/map +40\.00 +19\.00 +0\.47 +0\.50 +TOO SLOW$/m)
  expect(alarmText({ verdicts: found, busy: true })).toMatch(/machine is busy/)
})
