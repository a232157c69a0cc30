/**
 * What a layer looks for: for each of its filters the parts of the data set's pictures that excite it most, one a picture, and the guided
 * gradient of the unit that saw them. In: an opened model, a layer, pictures. Out: arrays, the strongest patch first. Source: Zeiler and
 * Fergus, Visualizing and Understanding Convolutional Networks (2013), with guided gradients for their deconvolutions.
 */

import { checkArguments, numbers } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { abortSignal, functionOf, list, optional, parse, record, whole } from '../base/schema.ts'
import { checkedSource } from '../data/checked-source.ts'
import { isPictureSource, type PictureSource, pictureBytes } from '../data/picture-source.ts'
import { readPictures } from '../data/read-pictures.ts'
import { batchFor, ends, fillPictures, type Pixels } from './forward.ts'
import { runGuided } from './guided-gradients.ts'
import { type OpenModel, openedModel } from './open-model.ts'
import { type ReceptiveField, type Rectangle, receptiveField } from './receptive-field.ts'
import { guidedEntry, strongestEntry, unitNumber, valueNumber } from './units.ts'

/** What `strongestPatches` takes. */
export interface StrongestPatchesOptions {
  /** Numbers of the filters (channels, units). Default: all. */
  readonly filters?: readonly number[] | undefined
  /** Patches of each filter. Default 9. */
  readonly count?: number | undefined
  /** Throws when it is aborted. */
  readonly signal?: AbortSignal | undefined
  /** Pictures looked at and their number. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

/** The patches that excite one filter most. */
export interface FilterPatches {
  readonly filter: number
  /** Strongest first; fewer where fewer pictures excite the filter (none: it is dead). */
  readonly patches: readonly Patch[]
}

/** A part of a picture that excites a filter. */
export interface Patch {
  /** Which of the pictures. */
  readonly picture: number
  /** [row, column, filter], or [unit]. */
  readonly at: readonly number[]
  /** The unit's value, above 0: the largest of this filter in this picture. */
  readonly value: number
  readonly field: ReceptiveField
  /**
   * What is cut out: the uncut receptive field, along an axis where that is larger than the picture all of it. So all patches of a
   * layer have one size; it may reach over the border.
   */
  readonly window: Rectangle
  /** window.height · window.width · C numbers of the picture; 0 outside of it. */
  readonly pixels: Float32Array
  /** The guided gradient of the unit there; 0 outside. */
  readonly guided: Float32Array
}

const fields = {
  filters: optional(list(whole(0), 'filter numbers')),
  count: optional(whole(1)),
  signal: optional(abortSignal),
  onProgress: optional(functionOf('two numbers')),
}

/** Pictures between two looks at the signal: at most so many, and bytes of them. */
const stretch = 1024
const stretchBytes = 1 << 24

/**
 * `pictures`: each H · W · C numbers as the model takes them, or a source of such pictures, which is read piece by piece. Throws UserError for layers and filters that are not there, and for
 * layers that give neither pictures nor units.
 */
export async function strongestPatches(
  opened: OpenModel,
  layer: string,
  pictures: readonly Pixels[] | PictureSource,
  options: StrongestPatchesOptions = {},
): Promise<FilterPatches[]> {
  const { count, most, read } = isPictureSource(pictures) ? ofSource(pictures) : ofList(pictures)
  checkArguments('strongestPatches', { opened: openedModel }, { opened })
  parse(record(fields), options, 'strongestPatches')
  const { model, engine } = opened
  const value = valueNumber(model, layer)
  const shape = model.layers[value - 1]!.outputShape
  const filters = checkedFilters(layer, shape.at(-1)!, options.filters)
  const batch = batchFor(model)
  const need = { batch, match: 'exact', inputTypes: ['f32'] } as const
  const best = new Map(filters.map(filter => [filter, [] as Found[]]))
  for (let begin = 0; begin < count; begin += most) {
    options.signal?.throwIfAborted()
    const some = await read(Array.from({ length: Math.min(most, count - begin) }, (_, index) => begin + index))
    const outputs = await engine.run(
      strongestEntry(model, layer),
      need,
      Math.ceil(some.length / batch),
      (step, slots) => fillPictures(model, slots.pictures, some.slice(step * batch, (step + 1) * batch)),
    )
    for (let index = 0; index < some.length; index++) {
      const { strongest, place } = outputs[Math.floor(index / batch)]!
      for (const [filter, found] of best) {
        const number = (index % batch) * shape.at(-1)! + filter
        keepBest(found, { picture: begin + index, value: strongest[number]!, place: place[number]! }, options.count)
      }
    }
    options.onProgress?.(begin + some.length, count)
  }
  const found = [...best].flatMap(([filter, list]) =>
    list.map(each => ({ ...each, filter, at: placeOf(shape, each.place, filter) })),
  )
  const seen = await read(found.map(({ picture }) => picture))
  const guided = await runGuided(
    opened,
    guidedEntry(model, `layer ${layer}`, ({ values }) => values[value]!),
    seen,
    found.map(({ at }) => unitNumber(shape, at, layer)),
    batch,
  )
  const [height, width, channels] = ends(model).input.shape as readonly [number, number, number]
  const patches = found.map(({ filter, picture, at, value: strength }, index) => {
    const field = receptiveField(model, layer, at)
    const window = windowOf(field.uncut, height, width)
    const cut = (numbers: Pixels): Float32Array => cutOut(numbers, [height, width, channels], window)
    return {
      filter,
      patch: {
        picture,
        at,
        value: strength,
        field,
        window,
        pixels: cut(seen[index]!),
        guided: cut(guided[index]!),
      },
    }
  })
  return filters.map(filter => ({
    filter,
    patches: patches.filter(each => each.filter === filter).map(({ patch }) => patch),
  }))
}

/** Pictures that can be read by their numbers, at most `most` at a time. */
interface Readable {
  readonly count: number
  readonly most: number
  read(indices: readonly number[]): Promise<readonly Pixels[]>
}

function ofList(pictures: readonly Pixels[]): Readable {
  checkArguments('strongestPatches', { pictures: list(numbers, 'pictures') }, { pictures })
  return { count: pictures.length, most: stretch, read: async indices => indices.map(index => pictures[index]!) }
}

function ofSource(given: PictureSource): Readable {
  const source = checkedSource(given)
  const size = pictureBytes(source)
  return {
    count: source.count,
    most: Math.max(1, Math.min(stretch, Math.floor(stretchBytes / size))),
    async read(indices) {
      const read = await readPictures(source, Int32Array.from(indices))
      return indices.map((_, row) => read.subarray(row * size, (row + 1) * size))
    },
  }
}

interface Found {
  readonly picture: number
  readonly value: number
  /** row · W + column. */
  readonly place: number
}

/** Sorted, strongest first; of equal ones the earlier picture. */
function keepBest(best: Found[], found: Found, count = 9): void {
  if (!(found.value > 0) || (best.length === count && found.value <= best[count - 1]!.value)) return
  const index = best.findIndex(({ value }) => value < found.value)
  best.splice(index < 0 ? best.length : index, 0, found)
  if (best.length > count) best.pop()
}

function placeOf(shape: readonly number[], place: number, filter: number): readonly number[] {
  return shape.length === 3 ? [Math.floor(place / shape[1]!), place % shape[1]!, filter] : [filter]
}

function checkedFilters(layer: string, channels: number, filters?: readonly number[]): readonly number[] {
  const all = Array.from({ length: channels }, (_, filter) => filter)
  const wrong = filters?.find(filter => !all.includes(filter))
  if (wrong === undefined) return filters ?? all
  throw new UserError({ what: `${layer} has no such filter.`, expected: `0 to ${channels - 1}`, received: `${wrong}` })
}

function windowOf(uncut: Rectangle, height: number, width: number): Rectangle {
  const tall = uncut.height >= height
  const wide = uncut.width >= width
  return {
    top: tall ? 0 : uncut.top,
    height: tall ? height : uncut.height,
    left: wide ? 0 : uncut.left,
    width: wide ? width : uncut.width,
  }
}

function cutOut(
  numbers: Pixels,
  [height, width, channels]: readonly [number, number, number],
  window: Rectangle,
): Float32Array {
  const part = new Float32Array(window.height * window.width * channels)
  for (let row = 0; row < window.height; row++) {
    for (let column = 0; column < window.width; column++) {
      const [y, x] = [window.top + row, window.left + column]
      if (y < 0 || y >= height || x < 0 || x >= width) continue
      for (let channel = 0; channel < channels; channel++)
        part[(row * window.width + column) * channels + channel] = numbers[(y * width + x) * channels + channel]!
    }
  }
  return part
}
