/** What is written as ONNX, read by Fovea again. */
import { addModelFormats, encodeModelFile } from 'fovea'
import { modelFormats } from '../../index.ts'
import { answersOf, farthest } from './comparing.testing.ts'
import { writeOnnx } from './write-onnx.ts'
import type { Trial } from './written-models.testing.ts'

addModelFormats(...modelFormats)

/** How far the answers of the model that was read are from those of the one that was written; Infinity for another shape. */
export async function distanceAfterReading(trial: Trial): Promise<number> {
  const own = await answersOf(encodeModelFile(trial.file), trial)
  const read = await answersOf(writeOnnx(trial.file), trial)
  const distances = own.map(({ shape, data }, index) =>
    String(read[index]?.shape) === String(shape) ? farthest(read[index]!.data, data) : Number.POSITIVE_INFINITY,
  )
  return Math.max(...distances)
}

/** What is farther apart than that, or was not read. */
export async function differences(trials: readonly Trial[], most: number): Promise<string[]> {
  const found: string[] = []
  for (const trial of trials) {
    const distance = await distanceAfterReading(trial).catch(error => String(error.message))
    if (!(Number(distance) <= most)) found.push(`${trial.name}: ${distance}`)
  }
  return found
}
