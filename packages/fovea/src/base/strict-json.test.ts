/** JSON that two programs would read differently, or that becomes more than data, is refused by what it says. */
import { expect, test } from 'vitest'
import { parseJson } from './strict-json.ts'

test.each([
  '{}',
  '[]',
  '"a"',
  '-1.5e3',
  '{"a":{"a":[{"a":1},{"a":2}]},"b":"a","c":"\\"a\\":"}',
  '{"a\\\\":1,"a":2}',
  '{"constructor":1,"toString":{"prototype":2}}',
  '["__proto__",{"a":"__proto__"}]',
  ' { "a" : [ 1 , { } , "b" ] , "c" : null } ',
])('%s is what JSON.parse makes of it', text => {
  expect(parseJson(text)).toEqual(JSON.parse(text))
})

test.each<[string, string]>([
  ['{"a":1,"a":2}', 'the key "a" twice'],
  ['{"a":1,"\\u0061":2}', 'the key "\\u0061" twice'],
  ['[{"b":[{"a":1,"c":"x","a":2}]}]', 'the key "a" twice'],
  ['{"__proto__":{"isAdmin":true}}', 'the key "__proto__"'],
  ['{"a":[{"\\u005f_proto__":1}]}', 'the key "__proto__"'],
  ['['.repeat(501) + ']'.repeat(501), 'more than 500 levels'],
])('%s is refused', (text, says) => {
  expect(() => parseJson(text)).toThrow(says)
  expect(() => JSON.parse(text)).not.toThrow()
})

test('what is no JSON is told by the parser', () => {
  for (const text of ['', '{', '{"a":1,}', "{'a':1}", 'NaN', '[1 2]'])
    expect(() => parseJson(text)).toThrow(SyntaxError)
})
