/** Classes that go on keep their column, new ones begin anew. */
import { describe, expect, it } from 'vitest'
import { problemsOf } from '../base/errors.ts'
import { dense } from '../layers/dense.ts'
import { withKeptClasses } from './kept-classes.ts'
import { sequential } from './sequential.ts'
import { withNewHead } from './transfer.ts'
import { initialWeights } from './weights.ts'

const old = sequential([
  dense({ units: 2, inputShape: [2], name: 'first' }),
  dense({ units: 2, activation: 'softmax', name: 'last' }),
])
const before = {
  model: old,
  classNames: ['cat', 'dog'],
  weights: [
    { name: 'last/kernel', shape: [2, 2], data: [1, 2, 3, 4] },
    { name: 'last/bias', shape: [2], data: [5, 6] },
  ],
}

describe('withKeptClasses', () => {
  it('finds classes by name, wherever they stand', () => {
    const model = withNewHead(old, { classes: 3, dropout: 0 })
    const first = initialWeights(model, 1)
    const values = withKeptClasses(first, { model, classNames: ['dog', 'owl', 'cat'] }, before)
    const fresh = first['head/kernel']!
    expect([...Array.from(values['head/kernel']!)]).toEqual([2, fresh[1], 1, 4, fresh[4], 3])
    expect(Array.from(values['head/bias']!)).toEqual([6, 0, 5])
    expect(values['first/kernel']).toBe(first['first/kernel'])
  })

  it('says why a head cannot be kept', () => {
    const model = withNewHead(old, { classes: 2, dropout: 0 })
    const said = (names: readonly string[], other = before) =>
      problemsOf(() => withKeptClasses(initialWeights(model, 1), { model, classNames: names }, other)).map(
        each => each.what,
      )
    expect(said(['owl', 'fox'])[0]).toContain('none of these classes')
    expect(said(['cat', 'owl'], { ...before, classNames: ['cat'] })[0]).toContain('is not like the new one')
    const wide = sequential([
      dense({ units: 3, inputShape: [2] }),
      dense({ units: 2, activation: 'softmax', name: 'last' }),
    ])
    expect(said(['cat', 'owl'], { ...before, model: wide })[0]).toContain('is not like the new one')
  })
})
