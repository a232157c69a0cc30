/** `fovea train --teacher`: a network that learns from runs, and what `evaluate` says of it beside them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { EnsembleDocument } from '../../packages/cli/src/command/ensemble-documents.ts'
import type { TrainReport } from '../../packages/fovea/src/run/report.ts'
import { callFovea } from './fovea-call.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-taught-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

const quick = ['--epochs', '1', '--limit', '64', '--threads', '1', '--quiet']
const train = (...words: string[]) => callFovea(['train', 'shapes-mlp', ...quick, ...words])
const evaluate = (runs: readonly string[], ...words: string[]) =>
  callFovea(['evaluate', ...runs.map(at), '--threads', '1', '--limit', '100', ...words])

test('a network learns from runs; evaluate says what of their mean it keeps', async () => {
  for (const seed of ['1', '2']) await train('--seed', seed, '--out', at(`t${seed}`))
  const teachers = ['--teacher', at('t1'), '--teacher', at('t2')]
  const call = await train('--seed', '3', ...teachers, '--out', at('s3'), '--json')
  const { recipe, weightsSha256 } = JSON.parse(call.stdout) as TrainReport
  expect(recipe).toBe('shapes-mlp-taught')
  const plain = JSON.parse((await train('--seed', '3', '--out', at('p3'), '--json')).stdout) as TrainReport
  expect(plain.weightsSha256).not.toBe(weightsSha256)
  const again = await callFovea(['train', at('s3'), ...quick, '--seed', '3', '--out', at('again'), '--json'])
  expect((JSON.parse(again.stdout) as TrainReport).weightsSha256).toBe(weightsSha256)
  expect(readFileSync(at('s3/report.html'), 'utf8')).toContain('learned from what 2 other models say on average')

  const document = JSON.parse((await evaluate(['s3', 't1', 't2', 'p3'], '--json')).stdout) as EnsembleDocument
  expect(document.taught).toHaveLength(1)
  const [own] = document.taught as [EnsembleDocument['taught'][number]]
  const accuracy = (run: string) => document.models.find(({ model }) => model.startsWith(at(run)))!.accuracy
  expect(own.teachers).toHaveLength(2)
  expect(own.gain).toBeCloseTo(accuracy('s3') - (accuracy('t1') + accuracy('t2')) / 2, 12)
  const { stdout } = await evaluate(['s3', 't1', 't2', 'p3'])
  expect(stdout).toMatch(/\nmean of 3 [\s\S]*s3\S* learned from \S*t1\S*, \S*t2\S*: alone it is /)
  // Without all of its teachers it is one of many.
  expect((JSON.parse((await evaluate(['s3', 't1'], '--json')).stdout) as EnsembleDocument).taught).toEqual([])
  expect((await train('--teacher', at('t1'), '--resume', at('s3'))).stderr).toMatch(/--teacher and --resume exclude/)
}, 600_000)
