/** What the examples show things with: pictures and curves in the terminal, files, and the target each of them must reach. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawBrailleChart, drawHalfBlocks } from '@fovea/cli'

/** @typedef {import('fovea').Picture} Picture */

/** Prints pictures side by side: in colour in a terminal, as letters of growing density elsewhere. */
export function show(/** @type {Picture[]} */ ...pictures) {
  const colours = process.stdout.isTTY ? 'true' : 'none'
  const drawn = pictures.map(picture => drawHalfBlocks(picture, { colours }))
  for (let line = 0; line < drawn[0].length; line++) console.log(drawn.map(lines => lines[line] ?? '').join('  '))
}

/** A row of numbers as a small curve, `▁▃▅▇█`: the bottom of the line is `low`, its top `high`. */
export function curve(/** @type {readonly number[]} */ values, low = 0, high = 1) {
  const steps = '▁▂▃▄▅▆▇█'
  const height = (/** @type {number} */ value) => Math.round(((value - low) / (high - low)) * (steps.length - 1))
  return values.map(value => steps[Math.max(0, Math.min(steps.length - 1, height(value)))]).join('')
}

/**
 * Prints curves over the epochs in one chart; each has the first letter of its name at its end.
 * @param {string} title @param {Record<string, readonly number[]>} curves
 */
export function chart(title, curves) {
  const lines = Object.entries(curves).map(([name, values]) => ({ mark: name[0], values }))
  const format = (/** @type {number} */ value) => value.toFixed(1)
  const nameOf = (/** @type {number} */ index) => String(index + 1)
  const size = { width: 72, height: 15 }
  const drawn = drawBrailleChart(lines, { title, ...size, nameOf, format, colours: process.stdout.isTTY })
  console.log(drawn.join('\n'))
}

/** 0.9312 as 93.1 %. */
export function percent(/** @type {number} */ share) {
  return `${(100 * share).toFixed(1)} %`
}

/** The path of a file that an example writes: in the folder `out` beside the examples. */
export function outputFile(/** @type {string} */ name) {
  const folder = fileURLToPath(new URL('out', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}

/** The last line of every example: what it set out to show, and whether it did. The program fails where it did not. */
export function target(/** @type {string} */ statement, /** @type {boolean} */ reached) {
  console.log(`\ntarget: ${statement}: ${reached ? 'reached' : 'MISSED'}`)
  if (!reached) process.exitCode = 1
}
