/** Layers that move elements without computing: Reshape, Permute, ZeroPadding2D, Cropping2D. (Flatten: shaping.ts; UpSampling2D: resizing.ts.) */
import { optional } from '../base/schema.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import { dataFormat, makeLayer, misfit } from './definition.ts'
import { border, integers, type LayerOptions, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export interface ReshapeOptions extends LayerOptions {
  /** The new shape without the batch axis; one extent may be -1 and is computed. Required. */
  readonly targetShape: readonly number[]
}

/** The same elements in a new shape of the same size. Throws UserError when the sizes differ. */
export function reshape(options: ReshapeOptions): CallableLayer {
  const config = readOptions('Reshape', options, { targetShape: integers })
  const { targetShape } = config
  const resolve = (shape: Shape): Shape => {
    const known = targetShape.filter(extent => extent !== -1)
    const size = sizeOf(known)
    const free = targetShape.length - known.length
    const fits = free === 0 ? size === sizeOf(shape) : free === 1 && size > 0 && sizeOf(shape) % size === 0
    if (fits && known.every(extent => extent > 0)) {
      return targetShape.map(extent => (extent === -1 ? sizeOf(shape) / size : extent))
    }
    throw misfit(
      'Reshape',
      options.name,
      'the sizes differ.',
      `${sizeOf(shape)} elements, as in ${formatShape(shape)}, with at most one -1`,
      formatShape(targetShape),
    )
  }
  return makeLayer(options, {
    type: 'Reshape',
    traits: { family: 'shape', sight: 'reshaped' },
    config,
    outputShape: ([shape]) => resolve(shape!),
    lower: ({ graph }, [x]) => graph.reshape(x!, [x!.shape[0]!, ...resolve(x!.shape.slice(1))]),
  })
}

export interface PermuteOptions extends LayerOptions {
  /** The input axis (counted from 1, the batch being 0) of each output axis: [2, 1] swaps two. Required. */
  readonly dims: readonly number[]
}

/** Axes in a new order. Throws UserError when `dims` is no order of the input's axes. */
export function permute(options: PermuteOptions): CallableLayer {
  const config = readOptions('Permute', options, { dims: integers })
  const { dims } = config
  const check = (shape: Shape): Shape => {
    const sorted = [...dims].sort((a, b) => a - b)
    if (dims.length === shape.length && sorted.every((axis, index) => axis === index + 1)) return shape
    const expected = `each of 1 … ${shape.length} once`
    throw misfit('Permute', options.name, 'dims is no order of the axes.', expected, `[${dims.join(', ')}]`)
  }
  return makeLayer(options, {
    type: 'Permute',
    traits: { family: 'shape', sight: 'permuted' },
    config,
    outputShape: ([shape]) => dims.map(axis => check(shape!)[axis - 1]!),
    lower: ({ graph }, [x]) => graph.transpose(x!, [0, ...dims]),
  })
}

export type Border =
  | number
  | readonly [number, number]
  | readonly [readonly [number, number], readonly [number, number]]

interface FormatOptions extends LayerOptions {
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

export interface ZeroPadding2dOptions extends FormatOptions {
  /** n, [rows, columns] or [[top, bottom], [left, right]]. Default 1. */
  readonly padding?: Border | undefined
}

/** Rows and columns of zeros around each picture. */
export function zeroPadding2d(options: ZeroPadding2dOptions = {}): CallableLayer {
  const fields = {
    padding: optional(border, [
      [1, 1],
      [1, 1],
    ]),
    dataFormat,
  }
  const config = readOptions('ZeroPadding2D', options, fields)
  const [[top, bottom], [left, right]] = config.padding
  return makeLayer(options, {
    type: 'ZeroPadding2D',
    traits: { family: 'shape', sight: 'padded' },
    config,
    ranks: [3],
    outputShape: ([shape]) => [shape![0]! + top + bottom, shape![1]! + left + right, shape![2]!],
    lower: ({ graph }, [x]) => graph.pad(x!, [0, top, left, 0], [0, bottom, right, 0]),
  })
}

export interface Cropping2dOptions extends FormatOptions {
  /** n, [rows, columns] or [[top, bottom], [left, right]]. Default 0. */
  readonly cropping?: Border | undefined
}

/** Rows and columns cut from each picture's edges. Throws UserError when nothing would be left. */
export function cropping2d(options: Cropping2dOptions = {}): CallableLayer {
  const fields = {
    cropping: optional(border, [
      [0, 0],
      [0, 0],
    ]),
    dataFormat,
  }
  const config = readOptions('Cropping2D', options, fields)
  const [[top, bottom], [left, right]] = config.cropping
  return makeLayer(options, {
    type: 'Cropping2D',
    traits: { family: 'shape', sight: 'cropped' },
    config,
    ranks: [3],
    outputShape: ([shape]) => {
      const [height, width, channels] = shape as [number, number, number]
      if (height - top - bottom >= 1 && width - left - right >= 1) {
        return [height - top - bottom, width - left - right, channels]
      }
      const received = `${height} × ${width}, cutting ${top + bottom} rows and ${left + right} columns`
      throw misfit('Cropping2D', options.name, 'nothing would be left.', 'a smaller border', received)
    },
    lower: ({ graph }, [x]) => {
      const [n, height, width, channels] = x!.shape as [number, number, number, number]
      return graph.slice(x!, [0, top, left, 0], [n, height - top - bottom, width - left - right, channels])
    },
  })
}
