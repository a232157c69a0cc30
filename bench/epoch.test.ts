import { expect, test } from 'vitest'
import { type EpochDocument, epochText } from './epoch.ts'

const document: EpochDocument = {
  date: '2026-11-21T12:00:00.000Z',
  commit: 'abc',
  machine: { cpu: 'a processor', cores: 2, memoryBytes: 8e9 },
  versions: {},
  calibration: { one: 42, all: { 2: 84 } },
  void: null,
  epochs: [
    {
      recipe: 'mnist-mlp',
      batch: 32,
      threads: 2,
      steps: 1875,
      aloneMsPerStep: 1.25,
      epochMsPerStep: 1.3,
      ratio: 1.0399,
    },
  ],
}

test('the table shows what an epoch costs over its steps, beside the aim', () => {
  const text = epochText(document)
  expect(text).toMatch(/mnist-mlp +32 +2 +1875 +1\.250 +1\.300 +1\.040 +1\.10/)
  expect(text).toContain('2 threads 84.0')
  expect(text).not.toContain('VOID')
})

test('figures of a busy machine are marked', () => {
  expect(epochText({ ...document, void: 'the machine is busy' })).toContain('VOID: the machine is busy')
})
