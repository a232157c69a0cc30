import { describe, expect, it } from 'vitest'
import { UserError } from './errors.ts'
import {
  boolean,
  custom,
  dictionary,
  integer,
  list,
  nullable,
  number,
  oneOf,
  optional,
  orNull,
  parse,
  record,
  type Schema,
  text,
  union,
  whole,
} from './schema.ts'
import { show } from './show.ts'

const problemsOf = (schema: Schema<unknown>, value: unknown) => {
  try {
    parse(schema, value, 'the thing')
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as UserError).problems
  }
  return []
}

describe('a schema', () => {
  const fields = {
    name: text,
    rate: optional(number({ least: 0, below: 1 }), 0.5),
    count: orNull(whole(1, 10)),
    kind: optional(oneOf(['min', 'max']), 'min'),
    sizes: optional(list(integer, 'whole numbers', { least: 1, most: 3 })),
    inner: optional(record({ on: boolean })),
    weights: optional(dictionary(number(), 'numbers by name')),
    either: optional(union(number(), record({ type: text }))),
  }

  it('fills in what is left out', () => {
    expect(parse(record(fields), { name: 'a' }, 'the thing')).toEqual({
      name: 'a',
      rate: 0.5,
      count: null,
      kind: 'min',
    })
    const whole = {
      name: 'b',
      rate: 0,
      count: 3,
      kind: 'max',
      sizes: [1, -2],
      inner: { on: true },
      weights: { a: 1 },
      either: 2,
    }
    expect(parse(record(fields), whole, 'the thing')).toEqual(whole)
    expect(parse(record(fields), { name: 'a', rate: undefined }, 'the thing').rate).toBe(0.5)
  })

  it('tells every problem at once, each where it is', () => {
    const given = {
      rate: 1,
      count: 1.5,
      kind: 'mix',
      sizes: [1, 'a', Number.NaN],
      inner: { on: 1, off: 2 },
      weights: { a: '1' },
      either: 'x',
      nam: 'a',
    }
    const problems = problemsOf(record(fields), given)
    expect(problems.map(({ what }) => what)).toEqual([
      'the thing has no option "nam".',
      'the thing needs the option "name".',
      'Option "rate" of the thing cannot be used.',
      'Option "count" of the thing cannot be used.',
      'Option "kind" of the thing cannot be used.',
      'Option "sizes[1]" of the thing cannot be used.',
      'Option "sizes[2]" of the thing cannot be used.',
      '"inner" of the thing has no option "off".',
      'Option "inner.on" of the thing cannot be used.',
      'Option "weights.a" of the thing cannot be used.',
      'Option "either" of the thing cannot be used.',
    ])
    expect(problems[0]).toMatchObject({ fix: 'did you mean "name"?' })
    expect(problems[2]).toMatchObject({ expected: 'a number of at least 0 and below 1', received: '1' })
    expect(problems[4]).toMatchObject({ expected: '"min", "max"', received: '"mix"', fix: 'did you mean "min"?' })
    expect(problems[6]).toMatchObject({ received: 'NaN' })
    expect(problems[10]).toMatchObject({ expected: 'a number, or {type}' })
  })

  it('knows numbers as float32 does', () => {
    for (const value of [1e308, -1e308, Number.NaN, Number.POSITIVE_INFINITY])
      expect(problemsOf(number(), value)).toHaveLength(1)
    expect(problemsOf(number({ above: 0 }), 1e-60)[0]!.expected).toBe('a number above 0, also when rounded to float32')
    expect(problemsOf(number({ below: 1 }), 1 - 1e-12)).toHaveLength(1)
    expect(parse(number({ above: 0, below: 1 }), 1e-7, 'it')).toBe(1e-7)
    for (const value of [1.5, 2 ** 53, '1', null, true, [1]]) expect(problemsOf(integer, value)).toHaveLength(1)
  })

  it('reads own properties only, and takes no array or map for a record', () => {
    const inherited = Object.create({ name: 'from the prototype' })
    expect(problemsOf(record({ name: text }), inherited)[0]!.what).toBe('the thing needs the option "name".')
    expect(problemsOf(record({}), JSON.parse('{"__proto__": 1, "constructor": 2}'))).toHaveLength(2)
    for (const value of [null, undefined, [], 'a', 3, new Uint8Array(2), () => 0, new Map(), new Date()]) {
      expect(problemsOf(record({}), value)).toHaveLength(1)
    }
    expect(problemsOf(oneOf(['min']), 'constructor')).toHaveLength(1)
  })

  it('takes a hole in a list for a missing value, and bounds its length', () => {
    // biome-ignore lint/suspicious/noSparseArray: that is the case
    expect(problemsOf(list(number(), 'numbers'), [1, , 2])[0]!.what).toContain('"[1]"')
    expect(problemsOf(list(number(), 'numbers', { least: 1 }), [])[0]!.expected).toBe(
      'a list of numbers, at least 1 of them',
    )
    expect(problemsOf(list(number(), 'numbers', { most: 2 }), [1, 2, 3])[0]!.expected).toContain('0 to 2 of them')
  })

  it('joins the problems of a rule of its own, and null where it may be', () => {
    const even = custom('an even number', value => {
      if (value === 13) throw new UserError({ what: 'thirteen is no luck', fix: 'take 12' })
      return typeof value === 'number' && value % 2 === 0 ? value / 2 : undefined
    })
    expect(parse(record({ a: even, b: nullable(even) }), { a: 4, b: null }, 'it')).toEqual({ a: 2, b: null })
    expect(problemsOf(record({ a: even }), { a: 3 })[0]).toMatchObject({ expected: 'an even number', received: '3' })
    expect(problemsOf(record({ a: even }), { a: 13 })[0]).toEqual({
      what: 'Option "a" of the thing: thirteen is no luck',
      fix: 'take 12',
    })
  })
})

describe('show', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  it.each([
    [Number.NaN, 'NaN'],
    [5n, '5n'],
    [undefined, 'undefined'],
    ['a "word"', String.raw`"a \"word\""`],
    ['x'.repeat(200), /^"x{78}…$/],
    [new Float32Array(1000), 'a Float32Array of 1,000 values'],
    [new Map(), 'a Map'],
    [() => 0, 'a function'],
    [Symbol('s'), 'a symbol'],
    [[1, Number.NaN, 2n], '[1,"NaN","2n"]'],
    [new Array(1000).fill(0), 'a list of 1,000 values'],
    [{ a: new Uint8Array(9), b: null }, '{"a":"a Uint8Array of 9 values","b":null}'],
    [cyclic, 'an Object'],
    [Object.create(null), '{}'],
    [
      {
        get bad() {
          throw new Error('no')
        },
      },
      'an Object',
    ],
  ])('%#', (value, expected) => {
    if (typeof expected === 'string') expect(show(value)).toBe(expected)
    else expect(show(value)).toMatch(expected)
  })
})
