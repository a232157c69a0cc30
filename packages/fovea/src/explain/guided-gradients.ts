/**
 * Guided gradients: what in a picture speaks for a class, or excites a unit, pixel by pixel. Backward through the network as
 * gradients go, but relus let through only what is positive (autodiff/guided-rules.ts). Source: Springenberg et al., Striving for
 * Simplicity: The All Convolutional Net (2015).
 */

import { checkArguments, numbers } from '../base/arguments.ts'
import { isPlainRecord, that } from '../base/schema.ts'
import { sizeOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import type { Program } from '../runtime/device.ts'
import { type Forward, type Pixels, pictureFeed, programOf } from './forward.ts'
import { checkClass, type OpenModel, openedModel } from './open-model.ts'
import { guidedGraph, unitNumber, valueNumber } from './units.ts'

/** A class (its score is the logit where there is one), or a unit of a layer: [row, column, channel], or [unit]. */
export type GradientTarget = { readonly class: number } | { readonly layer: string; readonly at: readonly number[] }

const targetValue = that<GradientTarget>(
  '{class} or {layer, at}',
  value => isPlainRecord(value) && (typeof value['class'] === 'number' || typeof value['layer'] === 'string'),
)

/**
 * The guided gradient of a class's score or a unit's value by each number of the picture: H · W · C numbers. Networks without relu get
 * the plain gradient. Throws UserError for classes, layers and places that are not there.
 */
export async function guidedGradient(
  opened: OpenModel,
  picture: Pixels,
  target: GradientTarget,
): Promise<Float32Array | Float64Array> {
  checkArguments(
    'guidedGradient',
    { opened: openedModel, picture: numbers, target: targetValue },
    { opened, picture, target },
  )
  const { model, device, weights } = opened
  const { unit, pick } = 'class' in target ? scoreOf(opened, target.class) : unitOf(opened, target.layer, target.at)
  const program = await programOf(device, { guided: guidedGraph(model, 1, pick) }, weights)
  try {
    return (await runGuided(program, opened, [picture], [unit], 1))[0]!
  } finally {
    await program.dispose()
  }
}

/** Runs the entry `guided` (guidedGraph), a unit a picture. */
export async function runGuided(
  program: Program,
  { model }: OpenModel,
  pictures: readonly Pixels[],
  units: readonly number[],
  batch: number,
): Promise<(Float32Array | Float64Array)[]> {
  const feed = pictureFeed(model, pictures, batch, (slots, row, index) => {
    slots['unit']![row] = units[index]!
  })
  const outputs = await program.run('guided', Math.ceil(pictures.length / batch), feed)
  const size = sizeOf(model.inputs[0]!.shape)
  return pictures.map((_, index) => {
    const row = index % batch
    return outputs[Math.floor(index / batch)]!['gradient']!.slice(row * size, (row + 1) * size)
  })
}

interface Picked {
  readonly unit: number
  readonly pick: (pass: Forward) => Node
}

function scoreOf({ classes }: OpenModel, classIndex: number): Picked {
  checkClass(classIndex, classes)
  return { unit: classIndex, pick: pass => pass.scores }
}

function unitOf({ model }: OpenModel, layer: string, at: readonly number[]): Picked {
  const value = valueNumber(model, layer)
  return { unit: unitNumber(model.layers[value - 1]!.outputShape, at, layer), pick: pass => pass.values[value]! }
}
