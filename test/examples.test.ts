/** The examples as texts: listed, short, explained, with one target each, and made of what every user of the package has. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import type { Picture } from '../packages/fovea/src/base/picture.ts'
import { examples, solutions } from './examples.testing.ts'
import { parseSource, root } from './source-files.testing.ts'

const { chartHtml, picturesHtml } = (await import(pathToFileURL(join(root, 'examples/drawings.js')).href)) as {
  picturesHtml: (pictures: readonly Picture[]) => string
  chartHtml: (chart: {
    readonly title: string
    readonly curves: Readonly<Record<string, readonly number[]>>
    readonly across: string
    readonly first: number
    readonly format: (value: number) => string
  }) => string
}

const programs = examples()
const exercises = readFileSync(join(root, 'examples/exercises.md'), 'utf8')
const readme = readFileSync(join(root, 'examples/README.md'), 'utf8')

test('the page lists every example, in order, and nothing else', () => {
  const listed = [...readme.matchAll(/\]\((\d\d-[^)]+)\)/g)].map(([, name]) => name)
  expect(listed).toEqual(programs.map(({ name }) => name))
})

test('numbers follow one another', () => {
  expect(programs.map(({ name }) => Number(name.slice(0, 2)))).toEqual(programs.map((_, index) => index + 1))
})

test('every exercise has its solution, in order, which says its number', () => {
  const rows = [...exercises.matchAll(/^\| \*\*(\d+)\.\*\* (.*) \| .* \| .*\(solutions\/(\d\d-[^)]+)\) \|$/gm)]
  expect(rows.map(([, , , file]) => file)).toEqual(solutions().map(({ name }) => name))
  for (const [index, [, number]] of rows.entries()) {
    expect(Number(number)).toBe(index + 1)
    const head = solutions()
      [index]!.text.match(/^\/\*\*([\s\S]*?)\*\//)![1]!
      .replace(/\n \* ?/g, ' ')
    expect(head.trim()).toMatch(new RegExp(`^Exercise ${number}\\. \\S`))
  }
})

describe.each([...programs, ...solutions()])('$path', ({ text }) => {
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
      specifiers.filter(each => !/^(fovea|@fovea\/(cli|pictures)|node:\w+(\/\w+)?|\.\.?\/\w+\.js)$/.test(each)),
    ).toEqual([])
  })
})

describe('the drawings of their pages', () => {
  test('a picture is a PNG with the same pixels', () => {
    const data = Uint8Array.from({ length: 5 * 3 * 3 }, (_, index) => (index * 37) % 256)
    const html = picturesHtml([{ width: 5, height: 3, channels: 3, data }])
    const [, base64] = html.match(/src="data:image\/png;base64,([^"]+)"/)!
    const decoded = decode(Buffer.from(base64!, 'base64'))
    expect([decoded.width, decoded.height, decoded.channels]).toEqual([5, 3, 3])
    expect([...decoded.data]).toEqual([...data])
  })

  test('a chart has every curve with its name, none on another, and leaves out what is no number', () => {
    const curves = { one: [0, 0.5, 1], 'two & three': [0, Number.NaN, 1], four: [1, 1, 1] }
    const html = chartHtml({ title: 'a < b', curves, across: 'epoch', first: 1, format: String })
    expect(html).toContain('<figcaption>a &#60; b</figcaption>')
    expect(html).toContain('>two &#38; three</text>')
    expect(html).not.toContain('NaN')
    const places = [...html.matchAll(/<text class="series-\d" x="472" y="([\d.]+)">/g)].map(([, y]) => Number(y))
    expect(places).toHaveLength(3)
    const sorted = places.toSorted((a, b) => a - b)
    for (const [index, place] of sorted.entries()) if (index > 0) expect(place - sorted[index - 1]!).toBeGreaterThan(15)
    const points = [...html.matchAll(/points="([^"]*)"/g)].map(([, text]) => text!.split(' ').length)
    expect(points).toEqual([3, 2, 3])
  })
})
