/**
 * Pooling over pictures: windows (maximum, mean of the elements inside the picture) and whole pictures.
 */

import { boolean, optional, orNull } from '../base/schema.ts'
import { dataFormat, makeLayer } from './definition.ts'
import { choice, type LayerOptions, pair, readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'
import { outputExtents, paddingOf, type WindowGeometry } from './window.ts'

interface FormatOptions extends LayerOptions {
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

export interface Pooling2dOptions extends FormatOptions {
  /** Height and width of the window. Default 2. */
  readonly poolSize?: number | readonly [number, number] | undefined
  /** Default: the pool size. */
  readonly strides?: number | readonly [number, number] | null | undefined
  /** 'valid': only whole windows; 'same': ⌈size / stride⌉ windows, reaching over the edge. Default 'valid'. */
  readonly padding?: 'valid' | 'same' | undefined
}

/** The layer that takes the mean where this one takes the largest, and the other way round. */
export const otherPooling: Readonly<Record<string, string>> = {
  MaxPooling2D: 'AveragePooling2D',
  AveragePooling2D: 'MaxPooling2D',
  GlobalMaxPooling2D: 'GlobalAveragePooling2D',
  GlobalAveragePooling2D: 'GlobalMaxPooling2D',
}

export interface GlobalPooling2dOptions extends FormatOptions {
  /** Keep height and width as axes of size 1. Default false. */
  readonly keepdims?: boolean | undefined
}

/** The largest element of each window: (height, width, channels) → (rows, columns, channels). Throws UserError for bad options. */
export const maxPooling2d = (options: Pooling2dOptions = {}): CallableLayer =>
  pooling('MaxPooling2D', 'maxPool2d', options)

/** The mean of each window (elements beyond the edge are not counted): (height, width, channels) → (rows, columns, channels). */
export const averagePooling2d = (options: Pooling2dOptions = {}): CallableLayer =>
  pooling('AveragePooling2D', 'averagePool2d', options)

/** The mean over each whole picture: (height, width, channels) → (channels,). */
export const globalAveragePooling2d = (options: GlobalPooling2dOptions = {}): CallableLayer =>
  globalPooling('GlobalAveragePooling2D', 'mean', options)

/** The largest element of each whole picture: (height, width, channels) → (channels,). */
export const globalMaxPooling2d = (options: GlobalPooling2dOptions = {}): CallableLayer =>
  globalPooling('GlobalMaxPooling2D', 'reduceMax', options)

function pooling(type: string, op: 'maxPool2d' | 'averagePool2d', options: Pooling2dOptions): CallableLayer {
  const read = readOptions(type, options, {
    poolSize: optional(pair, [2, 2]),
    strides: orNull(pair),
    padding: optional(choice('valid', 'same'), 'valid'),
    dataFormat,
  })
  const config = { ...read, strides: read.strides ?? read.poolSize }
  const geometry: WindowGeometry = {
    size: config.poolSize,
    strides: config.strides,
    dilation: [1, 1],
    padding: config.padding,
  }
  return makeLayer(options, {
    type,
    traits: { family: 'pooling', sight: 'pooled' },
    config,
    ranks: [3],
    outputShape: ([shape]) => [...outputExtents(type, options.name, geometry, shape!), shape![2]!],
    lower: ({ graph }, [x]) =>
      graph[op](x!, {
        size: config.poolSize,
        strides: config.strides,
        padding: paddingOf(geometry, x!.shape[1]!, x!.shape[2]!),
      }),
  })
}

function globalPooling(type: string, op: 'mean' | 'reduceMax', options: GlobalPooling2dOptions): CallableLayer {
  const config = readOptions(type, options, { keepdims: optional(boolean, false), dataFormat })
  return makeLayer(options, {
    type,
    traits: { family: 'pooling', sight: 'pooledWholly' },
    config,
    ranks: [3],
    outputShape: ([shape]) => (config.keepdims ? [1, 1, shape![2]!] : [shape![2]!]),
    lower: ({ graph }, [x]) => {
      const pooled = graph[op](x!, [1, 2])
      return config.keepdims ? graph.reshape(pooled, [x!.shape[0]!, 1, 1, x!.shape[3]!]) : pooled
    },
  })
}
