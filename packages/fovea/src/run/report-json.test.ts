import { expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import type { TrainReport } from './report.ts'
import { reportFromJson } from './report-json.ts'

const report: TrainReport = {
  ...{ recipe: 'a', dataset: 'shapes', seed: 1, threads: 2, epochs: 1, params: 10 },
  history: [{ epoch: 1, loss: 2, accuracy: 0.5, valLoss: null, valAccuracy: null, learningRate: 0.001, seconds: 0.5 }],
  best: { epoch: 1, valLoss: 2 },
  test: { loss: 2, accuracy: 0.5 },
  ...{ seconds: 1, compileSeconds: 1, msPerStep: 0.5, peakBytes: 100, weightsSha256: 'abc', runDir: null },
}
const strange: readonly unknown[] = [true, {}, [], [null], -1, undefined]
const read = (value: unknown) => reportFromJson(JSON.stringify(value) ?? '', 'result.json')

/** Every path to a value: `['history', '0', 'loss']`. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...path, name]))]
}

function withValue(root: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  const copy = (Array.isArray(root) ? [...root] : { ...(root as object) }) as Record<string, unknown>
  copy[name] = withValue(copy[name], rest, value)
  return copy
}

it('reads what was written, and passes over fields that it does not know', () => {
  expect(read({ ...report, later: { version: 2 } })).toEqual(report)
})

it('refuses every field of another kind in a sentence that names the file and the field', () => {
  for (const path of pathsOf(report)) {
    for (const value of strange) {
      // A loss may be below 0; of the fields that hold a record or a list, the record or list is of another shape.
      if (value === -1 && /loss|accuracy/i.test(path.at(-1) ?? '') && path[0] !== 'test') continue
      if (value === -1 && path.join() === 'test,loss') continue
      // JSON leaves out what is undefined in a record, and writes null for it in a list.
      let error: unknown
      try {
        read(withValue(report, path, value))
      } catch (thrown) {
        error = thrown
      }
      expect(error, `${path.join('.')} = ${JSON.stringify(value)}`).toBeInstanceOf(UserError)
      const { message } = error as UserError
      expect(message).toContain('result.json is not the result of a run')
      if (path.length > 0) expect(message).toContain(path[0])
    }
  }
})

it('reads null for a loss as NaN', () => {
  expect(read(withValue(report, ['test', 'loss'], null)).test!.loss).toBeNaN()
  expect(read(withValue(report, ['history', '0', 'loss'], null)).history[0]!.loss).toBeNaN()
})
