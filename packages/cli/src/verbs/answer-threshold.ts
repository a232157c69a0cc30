/**
 * From which probability on `predict` gives an answer: as told, or chosen so that the answers are right so often on pictures that were
 * held out. In: the options, the model and, for a choice, its run directory. Out: the threshold, and a sentence about it.
 */
import { listPictures } from '@fovea/pictures/internal/picture-set'
import { UserError } from 'fovea/internal/base/errors'
import { largestOf } from 'fovea/internal/base/extremes'
import { grouped, percent } from 'fovea/internal/base/text'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { isFolder } from 'fovea/internal/host/node/paths'
import { rightShare, thresholdFor } from 'fovea/internal/objectives/confidence-threshold'
import { runFiles } from 'fovea/internal/run/run-files'
import { decodeRunPictures } from 'fovea/internal/run/run-pictures'
import { decodeTestFile, predictedClass } from 'fovea/internal/run/test-file'
import type { PredictThreshold } from '../command/predict-documents.ts'

/** With what it makes of the pictures that were held out. */
export type ChosenThreshold = Required<PredictThreshold>

/** Throws UserError where the run has no pictures to choose it on, and where no threshold makes the answers right so often. */
export async function chosenThreshold(
  run: string,
  precision: number,
  unknown: readonly number[],
): Promise<ChosenThreshold> {
  const held = await heldOut(run)
  const found = thresholdFor({ held, unknown }, precision)!
  const { reached, threshold, answered, right, unknownAnswered } = found
  const heldFacts = { pictures: held.length, answered, right, unknown: unknown.length, unknownAnswered }
  const chosen = { min: threshold, precision, heldOut: heldFacts }
  if (reached) return chosen
  throw new UserError({
    what: `No threshold makes the answers of ${run} right so often.`,
    expected: percent(precision),
    received: `at the most ${percent(rightShare(found))}, with --min ${asOption(threshold)}: ${answersText(chosen)}`,
    fix: 'Ask for less, or train a better model.',
  })
}

/**
 * Pictures of none of the classes, in a folder called `unknown` beside those that the run learned from. Undefined where that place cannot
 * be looked at any more.
 */
export async function unknownPictures(run: string): Promise<readonly string[] | undefined> {
  const place = nodeFiles.join(run, runFiles.pictures)
  if (!(await nodeFiles.exists(place))) return []
  try {
    const { folder, unknown } = await listPictures(decodeRunPictures(await nodeFiles.read(place, 'data'), place).folder)
    return unknown.map(file => nodeFiles.join(folder, file))
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

async function heldOut(run: string) {
  const path = nodeFiles.join(run, runFiles.predictions)
  if (!(await isFolder(run)) || !(await nodeFiles.exists(path)))
    throw new UserError({
      what: `--precision needs pictures that were held out of the training, and ${run} has none.`,
      expected: `the directory of a run that was tested, with ${runFiles.predictions}`,
      fix: 'Name such a run, or give the threshold itself with --min.',
    })
  const test = decodeTestFile(await nodeFiles.read(path), path)
  return Array.from({ length: test.count }, (_, row) => ({
    best: largestOf(test.predictions.subarray(row * test.classes, (row + 1) * test.classes)),
    right: predictedClass(test, row) === test.labels[row],
  }))
}

/** As a note says it. */
export function thresholdText(threshold: ChosenThreshold): string {
  const { min, precision } = threshold
  const begin = min === 0 ? 'needs no threshold' : `is --min ${asOption(min)}`
  return `--precision ${precision} ${begin} here: ${answersText(threshold)}.`
}

/** Rounded down, so that the answers that it keeps are kept. */
const asOption = (min: number): string => String(Math.floor(min * 1e5) / 1e5)

function answersText({ heldOut }: ChosenThreshold): string {
  const { pictures, answered, right, unknown, unknownAnswered } = heldOut
  const share = percent(answered / pictures)
  const held = `${grouped(answered)} of the run's ${grouped(pictures)} test pictures (${share}) are answered, ${grouped(right)} of them rightly`
  return unknown === 0
    ? held
    : `${held}, and ${grouped(unknownAnswered)} of the ${grouped(unknown)} that are none of the classes`
}
