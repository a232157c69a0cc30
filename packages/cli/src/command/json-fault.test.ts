import { describe, expect, test } from 'vitest'
import { faultyLine } from './json-fault.ts'

const sound = [
  '{',
  '  "name": "a, [b] {c}",',
  '  "model": {',
  '    "layers": [',
  '      { "type": "Conv2D", "config": { "filters": 32, "kernelSize": [3, 3] } },',
  '      {',
  '        "type": "Dropout",',
  '        "config": { "rate": 0.5 }',
  '      },',
  '      { "type": "Dense" }',
  '    ]',
  '  },',
  '  "epochs": 3,',
  '  "shuffle": true',
  '}',
]

describe('faultyLine', () => {
  test.each(['x', '// my own', ',', "'a'", '\u00a0'])('finds %j put before any line', foreign => {
    for (const [at, line] of sound.entries()) {
      const lines = sound.with(at, `${foreign}${line}`)
      expect(() => JSON.parse(lines.join('\n'))).toThrow()
      for (const end of ['\n', '\r\n']) expect(faultyLine(lines.join(end)), lines[at]!).toBe(at + 1)
    }
  })

  test.each([
    ['a comma too many', 9, '      { "type": "Dense" },', 11],
    ['a comma too few', 8, '      }', 10],
    ['a word without quotes', 6, '        type: "Dropout",', 7],
    ['a capital True', 13, '  "shuffle": True', 14],
    ['a bracket that does not fit', 10, '    }', 11],
    ['a text over the end of its line', 6, '        "type": "Dropout,', 7],
  ])('%s', (_, at, line, expected) => {
    expect(faultyLine(sound.with(at, line).join('\n'))).toBe(expected)
  })

  test('what ends too soon is faulty in its last line, what goes on after its end where it does', () => {
    expect(faultyLine(sound.slice(0, 8).join('\n'))).toBe(8)
    expect(faultyLine([...sound, '', 'more'].join('\n'))).toBe(17)
    expect(faultyLine('')).toBe(1)
  })
})
