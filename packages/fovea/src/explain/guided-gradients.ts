/**
 * Guided gradients: what in a picture speaks for a class, or excites a unit, pixel by pixel. Backward through the network as
 * gradients go, but relus let through only what is positive (autodiff/guided-rules.ts). Source: Springenberg et al., Striving for
 * Simplicity: The All Convolutional Net (2015).
 */

import { checkArguments } from '../base/arguments.ts'
import { isPlainRecord, that } from '../base/schema.ts'
import { sizeOf } from '../base/shape.ts'
import type { Values } from '../engine/entry.ts'
import { type AskedClass, type AskedPicture, askedPicture, classNumber, pixelsOf } from './asked-picture.ts'
import { fillPictures, type Pixels } from './forward.ts'
import { type OpenModel, openedModel } from './open-model.ts'
import { guidedEntry, unitNumber, valueNumber } from './units.ts'

/** A class (its score is the logit where there is one), or a unit of a layer: [row, column, channel], or [unit]. */
export type GradientTarget = { readonly class: AskedClass } | { readonly layer: string; readonly at: readonly number[] }

const targetValue = that<GradientTarget>(
  '{class} or {layer, at}',
  value =>
    isPlainRecord(value) &&
    (['number', 'string'].includes(typeof value['class']) || typeof value['layer'] === 'string'),
)

/**
 * The guided gradient of a class's score or a unit's value by each number of the picture: H · W · C numbers. Networks without relu get
 * the plain gradient. Throws UserError for classes, layers and places that are not there.
 */
export async function guidedGradient(
  opened: OpenModel,
  picture: AskedPicture,
  target: GradientTarget,
): Promise<Float32Array | Float64Array> {
  checkArguments(
    'guidedGradient',
    { opened: openedModel, picture: askedPicture, target: targetValue },
    { opened, picture, target },
  )
  const { unit, maker } = 'class' in target ? scoreOf(opened, target.class) : unitOf(opened, target.layer, target.at)
  return (await runGuided(opened, maker, [pixelsOf(opened, picture)], [unit], 1))[0]!
}

/** The gradients of units, one a picture. */
export async function runGuided(
  { model, engine }: OpenModel,
  maker: GuidedMaker,
  pictures: readonly Pixels[],
  units: readonly number[],
  batch: number,
): Promise<Values[]> {
  const steps = Math.ceil(pictures.length / batch)
  const gradients = await engine.run(maker, { batch, match: 'atLeast', inputTypes: ['f32'] }, steps, (step, slots) => {
    const [begin, end] = [step * batch, (step + 1) * batch]
    slots.units.set(units.slice(begin, end))
    return fillPictures(model, slots.pictures, pictures.slice(begin, end))
  })
  const size = sizeOf(model.inputs[0]!.shape)
  return pictures.map((_, index) => {
    const row = index % batch
    return gradients[Math.floor(index / batch)]!.slice(row * size, (row + 1) * size)
  })
}

type GuidedMaker = ReturnType<typeof guidedEntry>

interface Picked {
  readonly unit: number
  readonly maker: GuidedMaker
}

function scoreOf({ model, classes, classNames }: OpenModel, classIndex: AskedClass): Picked {
  return {
    unit: classNumber(classNames, classIndex, classes),
    maker: guidedEntry(model, 'scores', pass => pass.scores),
  }
}

function unitOf({ model }: OpenModel, layer: string, at: readonly number[]): Picked {
  const value = valueNumber(model, layer)
  return {
    unit: unitNumber(model.layers[value - 1]!.outputShape, at, layer),
    maker: guidedEntry(model, `layer ${layer}`, pass => pass.values[value]!),
  }
}
