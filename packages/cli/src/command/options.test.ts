import { UserError } from 'fovea/internal/base/errors'
import { describe, expect, test } from 'vitest'
import { choiceOption, commonOptions, flag, parseOptions, positive, textOption, wholeOption } from './options.ts'

const table = {
  epochs: wholeOption('N', 'how many'),
  'learning-rate': positive('RATE', 'how fast'),
  numerics: choiceOption(['fast', 'reproducible'], 'how'),
  out: textOption('DIR', 'where'),
  show: flag('draw'),
  ...commonOptions,
}

describe('parseOptions', () => {
  test('reads each kind, with = and without, and short names', () => {
    const { values, positionals } = parseOptions(
      ['a', '--epochs', '3', '--learning-rate=1e-3', '--numerics', 'fast', '-q', '--show', 'b', '--out', 'x y'],
      table,
    )
    const epochs: number | undefined = values.epochs
    const numerics: 'fast' | 'reproducible' | undefined = values.numerics
    expect([epochs, values['learning-rate'], numerics]).toEqual([3, 1e-3, 'fast'])
    expect([values.quiet, values.show, values.json, values.out]).toEqual([true, true, undefined, 'x y'])
    expect(positionals).toEqual(['a', 'b'])
  })

  test('words after -- are never options', () => {
    expect(parseOptions(['--', '--show'], table)).toEqual({ values: {}, positionals: ['--show'] })
  })

  test.each([['-1'], ['0'], ['1.5'], ['1e3'], ['ten'], [''], ['9007199254740993']])('--epochs %s is refused', value => {
    expect(() => parseOptions([`--epochs=${value}`], table)).toThrow(UserError)
  })

  test.each([['0'], ['-1'], ['NaN'], ['Infinity'], [''], [' ']])('--learning-rate %s is refused', value => {
    expect(() => parseOptions([`--learning-rate=${value}`], table)).toThrow('a number above 0')
  })

  test('every problem is told at once', () => {
    try {
      parseOptions(['--epoch', '3', '--numerics', 'slow', '--show=1', '--out'], table)
      expect.unreachable()
    } catch (error) {
      expect((error as UserError).problems.map(problem => problem.what)).toEqual([
        'There is no option --epoch.',
        '--numerics cannot be this.',
        '--show takes no value.',
        '--out needs a value.',
      ])
    }
  })
})
