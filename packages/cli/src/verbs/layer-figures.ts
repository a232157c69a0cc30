/**
 * Figures of a model's layers: the feature maps of every layer, the filters of every convolution, what excites them, what their units
 * see. A page must stay small, so of wide layers only the first channels are drawn, and titles say how many are left out.
 */
import type { Picture } from 'fovea/internal/base/picture'
import {
  channelPlanes,
  colourFilters,
  filterPlanes,
  gradientPicture,
  mosaic,
  unitsPicture,
} from 'fovea/internal/explain/drawing'
import type { LayerValue } from 'fovea/internal/explain/open-model'
import { type Colour, outlined, pictureGrid } from 'fovea/internal/explain/picture-grid'
import { type ReceptiveField, receptiveField } from 'fovea/internal/explain/receptive-field'
import type { FilterPatches, Patch } from 'fovea/internal/explain/strongest-patches'
import type { Model } from 'fovea/internal/network/model'
import type { PageFigure } from './explanation-page.ts'

/** Planes of a convolution's filters that are drawn. */
const mostFilterPlanes = 256
/** Units that are drawn, in rows of so many. */
const unitsInRow = 128
const mostUnits = unitsInRow * 64
/** Some 2048 maps a page: deep models get fewer a layer. */
const mostMaps = (layers: number): number => Math.max(8, Math.min(64, Math.floor(2048 / layers)))

/** Layers for training alone, which let everything pass when the model is asked. */
const forTraining: ReadonlySet<LayerValue['family']> = new Set(['augmentation', 'dropout', 'noise'])
const isShown = ({ family }: LayerValue): boolean => !forTraining.has(family)

/** Feature maps of every layer that changes something; `values`: what `look` gave. */
export function mapFigures(values: readonly LayerValue[]): PageFigure[] {
  return values
    .slice(1)
    .filter(isShown)
    .map(value => {
      const { layer, type, shape } = value
      const title = `${layer} (${type}): ${shape.join('×')}`
      if (shape.length !== 3) return { name: `maps-${layer}`, part: 'maps', ...unitsFigure(title, value) }
      const most = mostMaps(values.length)
      return {
        name: `maps-${layer}`,
        part: 'maps',
        title: `${title}${leftOut(shape[2]!, most, 'channels')}`,
        picture: mosaic(channelPlanes(value, most)),
      }
    })
}

function unitsFigure(title: string, { data }: LayerValue): Pick<PageFigure, 'title' | 'picture'> {
  return {
    title: `${title}${leftOut(data.length, mostUnits, 'units')}`,
    picture: unitsPicture(data.subarray(0, mostUnits), unitsInRow),
  }
}

function leftOut(count: number, most: number, what: string): string {
  return count > most ? `, the first ${most} of ${count} ${what}` : ''
}

/** Filters in a row, and the pixels of a filter and between two: room for its number. */
const filtersInRow = 8
const filterSide = 48
const filterGap = 14

/**
 * The filters of every convolution larger than one pixel, with their numbers; those over colour in colour. Not those of transposed
 * convolutions, which are no patterns that are looked for.
 */
export function filterFigures(model: Model, weights: Readonly<Record<string, ArrayLike<number>>>): PageFigure[] {
  const transposed = new Set(
    model.layers.filter(({ layer }) => layer.traits.sight === 'spread').map(each => each.layer.name),
  )
  return model.weights
    .filter(({ name, shape }) => name.endsWith('/kernel') && shape.length === 4 && shape[0]! * shape[1]! > 1)
    .filter(({ layer }) => !transposed.has(layer))
    .map(({ name, layer, shape }) => {
      const scale = Math.max(2, Math.round(filterSide / shape[1]!))
      const options = { columns: filtersInRow, scale, gap: filterGap }
      const [, , channels, filters] = shape as readonly [number, number, number, number]
      const kernel = weights[name]!
      const picture =
        channels === 3
          ? pictureGrid(colourFilters(kernel, shape), options)
          : mosaic(filterPlanes(kernel, shape, mostFilterPlanes), options)
      const left = channels === 3 ? '' : leftOut(filters * channels, mostFilterPlanes, 'planes')
      const single = channels === 1 || channels === 3
      const planes = single ? filters : Math.min(filters * channels, mostFilterPlanes)
      const labels = Array.from({ length: planes }, (_, plane) =>
        single ? `${plane}` : `${Math.floor(plane / channels)}, ${plane % channels}`,
      )
      return {
        name: `filters-${layer}`,
        part: 'filters',
        title: `Filters of ${layer}: ${shape.join('×')}${left}; above each its ${single ? 'number' : 'filter and its channel'}`,
        picture,
        numbers: { labels, columns: Math.min(filtersInRow, planes), gap: filterGap },
      }
    })
}

/** A row for each filter: the patches that excite it most, beside each its guided gradient. */
export function patchesFigure(
  layer: string,
  filters: readonly FilterPatches[],
  channels: number,
  count: number,
): PageFigure {
  const pictures = filters.flatMap(({ patches }) =>
    Array.from({ length: count }, (_, rank) => patches[rank]).flatMap(patch =>
      patch ? [patchPicture(patch, channels), gradientOf(patch, channels)] : [undefined, undefined],
    ),
  )
  const dead = filters.filter(({ patches }) => patches.length === 0).length
  const numbers = filters.map(({ filter }) => filter)
  return {
    name: `patches-${layer}`,
    part: 'patches',
    title: `What excites ${layer} most: a row for each of the filters ${numbers.join(', ')}, the strongest patch first, beside each its guided gradient${
      dead > 0 ? ` (${dead} excited by nothing)` : ''
    }`,
    picture: pictureGrid(pictures, { columns: 2 * count, most: 40 }),
  }
}

/** What the window shows beyond the picture's border is left grey. */
function patchPicture({ window: { top, left, height, width }, field, pixels }: Patch, channels: number): Picture {
  const data = Uint8Array.from(pixels, (value, index) => {
    const [row, column] = [top + Math.floor(index / channels / width), left + (Math.floor(index / channels) % width)]
    const inside = [row - field.top, column - field.left]
    return inside[0]! >= 0 && inside[0]! < field.height && inside[1]! >= 0 && inside[1]! < field.width ? value : 128
  })
  return { height, width, channels: channels as Picture['channels'], data }
}

function gradientOf({ window: { height, width }, guided }: Patch, channels: number): Picture {
  return gradientPicture(guided, [height, width, channels])
}

const colours: readonly (readonly [string, Colour])[] = [
  ['red', [255, 60, 40]],
  ['orange', [255, 165, 0]],
  ['yellow', [250, 240, 60]],
  ['green', [60, 220, 80]],
  ['cyan', [60, 220, 240]],
  ['blue', [70, 120, 255]],
  ['violet', [200, 100, 255]],
  ['white', [255, 255, 255]],
]

/** The receptive field of the unit in the middle of every convolution. */
export function middleFields(model: Model): ReceptiveField[] {
  return model.layers
    .filter(({ layer, outputShape }) => layer.traits.family === 'convolution' && outputShape.length === 3)
    .map(({ layer, outputShape: [height, width] }) =>
      receptiveField(model, layer.name, [Math.floor(height! / 2), Math.floor(width! / 2), 0]),
    )
}

/** Rectangles on the picture, `shown` being `scale` times as large; of fields of one size the first, eight at the most. */
export function fieldsFigure(shown: Picture, scale: number, fields: readonly ReceptiveField[]): PageFigure[] {
  const sizes = fields.map(({ uncut }) => `${uncut.height}×${uncut.width}`)
  const drawn = fields.filter((_, index) => sizes.indexOf(sizes[index]!) === index).slice(0, colours.length)
  if (drawn.length === 0) return []
  // The largest first, so that the smaller ones stay visible.
  const picture = drawn
    .map((field, index) => ({ field, colour: colours[index]![1] }))
    .reverse()
    .reduce((under, { field, colour }) => outlined(under, field, scale, colour), shown)
  const legend = drawn.map(
    ({ layer, uncut }, index) => `${layer} ${uncut.height}×${uncut.width} (${colours[index]![0]})`,
  )
  const title = `What one unit in the middle of a layer sees: ${legend.join(', ')}`
  return [{ name: 'receptive-fields', title, picture }]
}
