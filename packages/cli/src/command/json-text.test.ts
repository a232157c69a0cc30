import { describe, expect, test } from 'vitest'
import { jsonText } from './json-text.ts'

describe('jsonText', () => {
  test.each([
    [null],
    [true],
    [-1.5],
    ['a "word"\nof two lines'],
    [[]],
    [{}],
    [{ a: [], b: {}, 'c d': [{ e: null }] }],
    [Array.from({ length: 60 }, (_, index) => index * 1001)],
    [{ deep: { list: Array.from({ length: 30 }, () => ({ name: 'x'.repeat(30), at: [1, 2] })) } }],
  ])('says the same as JSON.stringify: %#', value => {
    expect(JSON.parse(jsonText(value))).toEqual(value)
  })

  test('what JSON has no word for is left out or null, as there', () => {
    const value = { a: undefined, b: Number.NaN, c: [undefined, 1] }
    expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)))
    expect(jsonText(value)).toBe('{ "b": null, "c": [null, 1] }')
  })

  test('what fits stands on one line, what does not takes a line for each member', () => {
    const layer = { type: 'Conv2D', config: { filters: 32, kernelSize: [3, 3], activation: 'relu' } }
    expect(jsonText({ layers: [layer, { ...layer, name: 'second' }] })).toBe(`{
  "layers": [
    { "type": "Conv2D", "config": { "filters": 32, "kernelSize": [3, 3], "activation": "relu" } },
    {
      "type": "Conv2D",
      "config": { "filters": 32, "kernelSize": [3, 3], "activation": "relu" },
      "name": "second"
    }
  ]
}`)
  })
})
