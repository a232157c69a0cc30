/** A small run for tests of the report, and ways to read what was drawn. */

import { dense } from 'fovea/internal/layers/dense'
import { flatten } from 'fovea/internal/layers/shaping'
import { sequential } from 'fovea/internal/network/sequential'
import { recipes } from 'fovea/internal/recipes/recipes'
import type { TestFile } from 'fovea/internal/run/test-file'
import { parseHTML } from 'linkedom'
import type { DrawingTools } from './figure.ts'
import type { ReportRun } from './report-run.ts'

/** Three epochs of three classes, pictures of 2 × 2 grey pixels, no test. */
export function smallRun(changes: Partial<ReportRun> = {}): ReportRun {
  return {
    folder: 'runs/small',
    name: 'small',
    recipe: { ...recipes[0]!, name: 'small', title: 'A small run' },
    model: sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 3, activation: 'softmax' })]),
    isSaved: true,
    classNames: ['cat', 'dog', 'bird'],
    curves: {
      epochs: [1, 2, 3],
      loss: [1, 0.5, 0.25],
      accuracy: [0.5, 0.75, 1],
      valLoss: [0.9, 0.4, 0.6],
      valAccuracy: [0.4, 0.8, 0.7],
    },
    learningRates: [0.001, 0.001, 0.001],
    perClass: [30, 20, 10],
    samples: { train: 60, validation: 10 },
    findings: [],
    ...changes,
  }
}

/** A test of these true and predicted classes, each predicted with this probability; every picture is kept. */
export function smallTest(
  rows: readonly (readonly [truth: number, predicted: number, probability: number])[],
  classes = 3,
): TestFile {
  const predictions = new Float32Array(rows.length * classes)
  for (const [row, [, predicted, probability]] of rows.entries()) {
    predictions.fill((1 - probability) / (classes - 1), row * classes, (row + 1) * classes)
    predictions[row * classes + predicted] = probability
  }
  return {
    predictions,
    labels: rows.map(([truth]) => truth),
    count: rows.length,
    classes,
    pictureIndices: rows.map((_, row) => row),
    pictures: Uint8Array.from({ length: rows.length * 4 }, (_, byte) => byte >> 2),
    mistakeIndices: [],
    mistakePictures: new Uint8Array(),
    pictureShape: [2, 2, 1],
  }
}

/** Writes of a picture what can be read in a test: its size and the first of its bytes. */
export const plainTools: DrawingTools = {
  pictureUrl: ({ width, height, data }) => `data:${width}x${height};${[...data.subarray(0, 16)].join(',')}`,
}

/** The elements of a drawing or page that fit a CSS selector. */
export function elementsOf(html: string, selector: string): Element[] {
  const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`)
  return [...document.querySelectorAll(selector)]
}

/** All writing in a drawing, in the order it is drawn. */
export function textsOf(svg: string): string[] {
  return elementsOf(svg, 'text').map(element => element.textContent ?? '')
}

/** Where a group with a translation stands. */
export function placeOf(element: Element): { readonly x: number; readonly y: number } {
  const [x, y] = (element.getAttribute('transform') ?? '').match(/-?[\d.]+/g)!.map(Number)
  return { x: x!, y: y! }
}
