import { expect, it } from 'vitest'
import { classWeightsOf } from './class-weights.ts'

const pictures = { labels: Int32Array.from([0, 0, 0, 0, 0, 0, 2, 2]), classNames: ['many', 'none', 'few'] }

it('makes classes weigh the same, a picture 1 on average', () => {
  const weights = classWeightsOf({ classWeights: 'balanced' }, pictures)!
  expect(weights).toEqual({ 0: 8 / 12, 2: 2 })
  expect(pictures.labels.reduce((sum, label) => sum + weights[label]!, 0)).toBeCloseTo(8, 12)
})

it('weighs nothing where the recipe does not ask for it', () => {
  expect(classWeightsOf({}, pictures)).toBeUndefined()
})
