/**
 * What the examples show things with: pictures, curves and bars in the terminal, files, and the target each of them must reach. Everything
 * shown and printed stands on a page too, which the example leaves in `examples/out` when it has told its target.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import { drawBrailleChart, drawHalfBlocks } from '@fovea/cli'
import { barsHtml, chartHtml, picturesHtml } from './drawings.js'
import { examplePage } from './page.js'

/** @typedef {import('fovea').Picture} Picture */

/** @type {import('./page.js').Part[]} */
const parts = []

// What the user gave is told in its sentence alone: the lines of our code say nothing about it.
process.on('uncaughtException', error => {
  process.stderr.write(`${error.name === 'UserError' ? error.message : error.stack}\n`)
  process.exit(1)
})

/** Prints without the page. */
const print = console.log
console.log = (...words) => {
  parts.push({ text: format(...words) })
  print(...words)
}

/** Shows pictures side by side: in colour in a terminal, as letters of growing density elsewhere. */
export function show(/** @type {Picture[]} */ ...pictures) {
  parts.push({ html: picturesHtml(pictures) })
  const colours = process.stdout.isTTY ? 'true' : 'none'
  const drawn = pictures.map(picture => drawHalfBlocks(picture, { colours }))
  for (let line = 0; line < drawn[0].length; line++) print(drawn.map(lines => lines[line] ?? '').join('  '))
}

/** A row of numbers as a small curve, `▁▃▅▇█`: the bottom of the line is `low`, its top `high`. */
export function curve(/** @type {readonly number[]} */ values, low = 0, high = 1) {
  const steps = '▁▂▃▄▅▆▇█'
  const height = (/** @type {number} */ value) => Math.round(((value - low) / (high - low)) * (steps.length - 1))
  return values.map(value => steps[Math.max(0, Math.min(steps.length - 1, height(value)))]).join('')
}

/**
 * Shows curves in one chart, over the epochs unless said otherwise; in the terminal each has the first letter of its name at its end.
 * @param {string} title @param {Record<string, readonly number[]>} curves
 */
export function chart(title, curves, { across = 'epoch', first = 1, write = oneDigit } = {}) {
  parts.push({ html: chartHtml({ title, curves, across, first, format: write }) })
  const lines = Object.entries(curves).map(([name, values]) => ({ mark: name[0], values }))
  const nameOf = (/** @type {number} */ index) => String(index + first)
  const size = { width: 72, height: 15 }
  print(drawBrailleChart(lines, { title, ...size, nameOf, format: write, colours: process.stdout.isTTY }).join('\n'))
}

/**
 * Shows numbers as bars.
 * @param {string} title @param {Record<string, number>} values
 */
export function bars(title, values, write = percent) {
  parts.push({ html: barsHtml({ title, values, format: write }) })
  const most = Math.max(...Object.values(values)) || 1
  const longest = Math.max(...Object.keys(values).map(({ length }) => length))
  print(title)
  for (const [name, value] of Object.entries(values))
    print(`  ${name.padEnd(longest)} ${write(value).padStart(14)} ${'█'.repeat(Math.round((30 * value) / most))}`)
}

const oneDigit = (/** @type {number} */ value) => value.toFixed(1)

/** 0.9312 as 93.1 %. */
export function percent(/** @type {number} */ share) {
  return `${(100 * share).toFixed(1)} %`
}

const folder = fileURLToPath(new URL('.', import.meta.url))

/** The path of a file that an example writes: in the folder `out` beside the examples. */
export function outputFile(/** @type {string} */ name) {
  mkdirSync(join(folder, 'out'), { recursive: true })
  return join(folder, 'out', name)
}

/**
 * The last line of every example: what it set out to show, and whether it did. The program fails where it did not. The page is written
 * before, with all that was shown.
 */
export function target(/** @type {string} */ statement, /** @type {boolean} */ reached) {
  const path = process.argv[1]
  const name = relative(folder, path).replaceAll('\\', '/')
  const [program, page] = [`examples/${name}`, outputFile(name.replaceAll('/', '-').replace(/js$/, 'html'))]
  writeFileSync(page, examplePage({ program, source: readFileSync(path, 'utf8'), parts, target: statement, reached }))
  print(`\nthe page: ${relative(process.cwd(), page)}\ntarget: ${statement}: ${reached ? 'reached' : 'MISSED'}`)
  if (!reached) process.exitCode = 1
}
