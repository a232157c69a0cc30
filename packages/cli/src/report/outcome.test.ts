import type { TrainReport } from 'fovea/internal/run/report'
import { expect, it } from 'vitest'
import { outcomeSection } from './outcome.ts'
import { elementsOf, smallRun, smallTest } from './report-run.testing.ts'

const result = {
  ...{ seconds: 9, epochs: 3, msPerStep: 1.234, threads: 2, compileSeconds: 0.25, peakBytes: 3_000_000 },
  best: { epoch: 2, valLoss: 0.4 },
  test: { loss: 0.5, accuracy: 0.75 },
} as TrainReport
const test = smallTest([
  [0, 0, 0.9],
  [1, 0, 0.8],
])

it('the result begins with the accuracy, large, and has beside it what to judge it by', () => {
  const { html } = outcomeSection(smallRun({ result, test }))
  expect(elementsOf(html, '.score')[0]!.textContent).toBe('75.00 % of 2 test pictures right')
  expect(elementsOf(html, 'dl div').map(item => [...item.children].map(part => part.textContent))).toEqual([
    ['chance', '33.33 %'],
    ['parameters', '15'],
    ['time', '9.0 s'],
    ['test loss', '0.5000'],
    ['best epoch', '2'],
    ['its validation loss', '0.4000'],
  ])
  expect(elementsOf(html, '.note')[0]!.textContent).toMatch(
    /batch \d+: 1\.23 ms a step, 3\.0 s an epoch on 2 threads; compiled in 0\.\d s, .* of memory\.$/,
  )
})

it('a result without a test has no accuracy, and an interrupted run only what is known before', () => {
  const untested = outcomeSection(smallRun({ result: { ...result, test: null } })).html
  expect(elementsOf(untested, '.score')).toEqual([])
  expect(elementsOf(untested, '.lead')[0]!.textContent).toMatch(/there were no test pictures\.$/)
  expect(elementsOf(outcomeSection(smallRun()).html, 'dt').map(term => term.textContent)).toEqual([
    'chance',
    'parameters',
    'epochs',
  ])
})

it('weights selected on the test set are told', () => {
  const { recipe } = smallRun()
  const { html } = outcomeSection(smallRun({ result, test, recipe: { ...recipe, selectedOnTestSet: true } }))
  expect(html).toContain('Its weights were selected on the same test set, which flatters it.')
})
