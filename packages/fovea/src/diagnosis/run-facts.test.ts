import { expect, it } from 'vitest'
import type { RunRecord } from '../run/run-file.ts'
import { diagnose } from './diagnose.ts'
import { curvesOfRun } from './history-files.ts'
import { factsOfRun } from './run-facts.ts'

const units = { layer: 'dense', activation: 'relu', units: 10, dead: 9, saturated: 0 }
const strange: readonly unknown[] = [null, true, 'text', 1.5, -1, [], {}, [null], ['text'], [{}]]
const epochs = [2, 1.5, 1].map((loss, at) => ({ type: 'epoch-end', epoch: at + 1, logs: { loss } }))

/** The lines of a run, of which one field is another value. */
const storyWith = (field: string, value: unknown): RunRecord[] => {
  const story: Record<string, unknown>[] = [
    { type: 'run', recipe: { optimizer: { config: { learningRate: 0.1 } } }, perClass: [5, 6] },
    { type: 'train-begin', samples: 11, epochs: 3 },
    ...epochs,
    { type: 'train-end', reason: 'done' },
    { type: 'units', layers: [units] },
  ]
  return story.map(line => (field in line ? { ...line, [field]: value } : line)) as unknown as RunRecord[]
}

it('takes of a run file what it can use, whatever the other fields hold', () => {
  for (const field of ['recipe', 'perClass', 'samples', 'epochs', 'reason', 'layers']) {
    for (const value of strange) {
      const records = storyWith(field, value)
      const findings = diagnose(curvesOfRun(records, 'run'), factsOfRun(records))
      expect(JSON.stringify(findings), `${field} = ${JSON.stringify(value)}`).not.toMatch(/NaN|undefined|\[object/)
    }
  }
})

it('counts units only where every number of a layer is one', () => {
  expect(factsOfRun(storyWith('layers', [units])).units).toEqual([units])
  for (const name of Object.keys(units))
    expect(factsOfRun(storyWith('layers', [{ ...units, [name]: null }])).units).toBeUndefined()
})

it('shows a value that is not a number as JSON', () => {
  const records = [{ type: 'epoch-end', epoch: 1, logs: { loss: { mean: 1 } } }] as unknown as RunRecord[]
  expect(() => curvesOfRun(records, 'run')).toThrow('received: {"mean":1}')
})
