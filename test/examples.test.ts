/** The examples as texts: listed, short, explained, with one target each, and made of what every user of the package has. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { examples } from './examples.testing.ts'
import { parseSource, root } from './source-files.testing.ts'

const programs = examples()
const readme = readFileSync(join(root, 'examples/README.md'), 'utf8')

test('the page lists every example, in order, and nothing else', () => {
  const listed = [...readme.matchAll(/\]\((\d\d-[^)]+)\)/g)].map(([, name]) => name)
  expect(listed).toEqual(programs.map(({ name }) => name))
})

test('numbers follow one another', () => {
  expect(programs.map(({ name }) => Number(name.slice(0, 2)))).toEqual(programs.map((_, index) => index + 1))
})

describe.each(programs)('$name', ({ text }) => {
  test('begins by saying what it shows', () => {
    expect(text).toMatch(/^\/\*\*\n \* \S/)
  })

  test('is short', () => {
    expect(text.split('\n').length).toBeLessThanOrEqual(90)
  })

  test('states one target, as its last statement', () => {
    expect(text.match(/^target\(/gm)).toHaveLength(1)
    expect(text.slice(text.lastIndexOf('\ntarget(')).match(/\)\n/g)).toHaveLength(1)
  })

  test('imports our packages, Node and what the examples share', () => {
    const specifiers = parseSource(text).imports.map(({ specifier }) => specifier)
    expect(
      specifiers.filter(each => !/^(fovea|@fovea\/(cli|pictures)|node:\w+(\/\w+)?|\.\/\w+\.js)$/.test(each)),
    ).toEqual([])
  })
})
