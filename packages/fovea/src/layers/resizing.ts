/**
 * Layers that give pictures another size: UpSampling2D, Resizing, CenterCrop, RandomCrop. Sampling is Keras's (TensorFlow's with
 * half-pixel centres, no smoothing): output index i reads at (i + ½) · in / out − ½. A picture is resampled along one axis at a
 * time as a 1×1 convolution with a constant matrix [in, out], so gradients follow by themselves.
 */

import { boolean, number, optional, whole } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { dataFormat, makeLayer, misfit } from './definition.ts'
import { choice, type LayerOptions, pair, positiveInteger, readOptions, widest } from './options.ts'
import { uniformIn } from './resampling.ts'
import type { CallableLayer } from './tensor.ts'

interface FormatOptions extends LayerOptions {
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}
type Interpolation = 'nearest' | 'bilinear'

export interface UpSampling2dOptions extends FormatOptions {
  /** Factors for rows and columns. Default 2. */
  readonly size?: number | readonly [number, number] | undefined
  /** Default 'nearest': each pixel repeated. */
  readonly interpolation?: Interpolation | undefined
}

/** Each picture enlarged by whole factors. */
export function upSampling2d(options: UpSampling2dOptions = {}): CallableLayer {
  const config = readOptions('UpSampling2D', options, {
    size: optional(pair, [2, 2]),
    interpolation: optional(choice('nearest', 'bilinear'), 'nearest'),
    dataFormat,
  })
  const [rows, columns] = config.size
  return makeLayer(options, {
    type: 'UpSampling2D',
    traits: { family: 'shape', sight: 'sampled' },
    config,
    ranks: [3],
    outputShape: ([shape]) => [shape![0]! * rows, shape![1]! * columns, shape![2]!],
    lower: ({ graph }, [x]) => {
      const [n, height, width, channels] = x!.shape as [number, number, number, number]
      if (config.interpolation === 'bilinear') return resized(graph, x!, height * rows, width * columns, 'bilinear')
      const spread = graph.broadcast(
        graph.reshape(x!, [n, height, 1, width, 1, channels]),
        [n, height, rows, width, columns, channels],
        true,
      )
      return graph.reshape(spread, [n, height * rows, width * columns, channels])
    },
  })
}

interface TargetOptions extends FormatOptions {
  /** Rows of the result. Required. */
  readonly height: number
  /** Columns of the result. Required. */
  readonly width: number
}

export interface ResizingOptions extends TargetOptions {
  /** Default 'bilinear'. */
  readonly interpolation?: Interpolation | undefined
  /** Cut the largest centred window of the target's proportions first, so that nothing is distorted. Default false. */
  readonly cropToAspectRatio?: boolean | undefined
}

/** Each picture at height × width. */
export function resizing(options: ResizingOptions): CallableLayer {
  const config = readOptions('Resizing', options, {
    height: positiveInteger,
    width: positiveInteger,
    interpolation: optional(choice('bilinear', 'nearest'), 'bilinear'),
    cropToAspectRatio: optional(boolean, false),
    dataFormat,
  })
  const { height, width } = config
  return makeLayer(options, {
    type: 'Resizing',
    traits: { family: 'shape', sight: config.cropToAspectRatio ? 'wholly' : 'sampled' },
    config,
    ranks: [3],
    outputShape: ([shape]) => [height, width, shape![2]!],
    lower: ({ graph }, [x]) => {
      const source = config.cropToAspectRatio ? cropped(graph, x!, height, width) : x!
      return resized(graph, source, height, width, config.interpolation)
    },
  })
}

/** The middle height × width pixels; smaller pictures are resized without distortion, as in Keras. */
export function centerCrop(options: TargetOptions): CallableLayer {
  const config = readOptions('CenterCrop', options, { height: positiveInteger, width: positiveInteger, dataFormat })
  const { height, width } = config
  return makeLayer(options, {
    type: 'CenterCrop',
    traits: { family: 'shape', sight: 'middle' },
    config,
    ranks: [3],
    outputShape: ([shape]) => [height, width, shape![2]!],
    lower: ({ graph }, [x]) => {
      const [, rows, columns] = x!.shape as [number, number, number]
      if (rows < height || columns < width) {
        return resized(graph, cropped(graph, x!, height, width), height, width, 'bilinear')
      }
      return middle(graph, x!, height, width)
    },
  })
}

export interface RandomCropOptions extends TargetOptions {
  /** Pixels that the picture is widened by on each side before, in training: 4 for windows of the picture's own size is usual. Default 0. */
  readonly padding?: number | undefined
  /** What is there: `fillValue`, the picture's mirror image, its repetition or its border. Default 'constant'. */
  readonly fillMode?: 'constant' | 'reflect' | 'wrap' | 'nearest' | undefined
  /** For fillMode 'constant'. Default 0. */
  readonly fillValue?: number | undefined
}

/**
 * Training: a height × width window at a random place of each picture, or of the picture with `padding` around it (He et al. 2015, "Deep
 * residual learning": 4 pixels, windows of the picture's size). Otherwise the largest centred window of the target's proportions,
 * resized, as in Keras: the picture itself where it has the window's size. Throws UserError when the picture is smaller than the window.
 */
export function randomCrop(options: RandomCropOptions): CallableLayer {
  const config = readOptions('RandomCrop', options, {
    height: positiveInteger,
    width: positiveInteger,
    padding: optional(whole(0, widest), 0),
    fillMode: optional(choice('constant', 'reflect', 'wrap', 'nearest'), 'constant'),
    fillValue: optional(number(), 0),
    dataFormat,
  })
  const { height, width, padding, fillMode, fillValue } = config
  return makeLayer(options, {
    type: 'RandomCrop',
    traits: {
      family: 'augmentation',
      sight: 'wholly',
      // Outside of training it resizes the middle of the picture.
      standIn: () => resizing({ height, width, dataFormat: config.dataFormat, cropToAspectRatio: true }),
    },
    config,
    ranks: [3],
    outputShape: ([shape]) => {
      if (shape![0]! >= height && shape![1]! >= width) return [height, width, shape![2]!]
      const what = 'the window is larger than the picture.'
      throw misfit('RandomCrop', options.name, what, `≥ ${height} × ${width}`, `${shape![0]} × ${shape![1]}`)
    },
    lower: (context, [x]) => {
      const { graph } = context
      const [n, rows, columns, channels] = x!.shape as [number, number, number, number]
      if (!context.training) return resized(graph, cropped(graph, x!, height, width), height, width, 'bilinear')
      if (rows === height && columns === width && padding === 0) return x!
      // Of free places, −padding … free + padding.
      const start = (free: number): Node =>
        graph.sub(graph.unary('floor', uniformIn(context, n, [0, free + 2 * padding + 1])), padding)
      const cell = (value: number): Node => graph.broadcast(graph.constant(value), [n, 1], true)
      const transform = [cell(1), cell(0), start(rows - height), cell(0), cell(1), start(columns - width)]
      const moved = graph.affineSample(x!, graph.concat(transform, 1), {
        fill: padding === 0 ? 'nearest' : fillMode,
        fillValue: padding === 0 ? 0 : fillValue,
        interpolation: 'nearest',
      })
      return graph.slice(moved, [0, 0, 0, 0], [n, height, width, channels])
    },
  })
}

/** The centred window of `height` × `width` pixels. */
function middle(graph: Graph, x: Node, height: number, width: number): Node {
  const [n, rows, columns, channels] = x.shape as [number, number, number, number]
  const begin = [0, Math.floor((rows - height) / 2), Math.floor((columns - width) / 2), 0]
  return graph.slice(x, begin, [n, height, width, channels])
}

/** The largest centred window with the proportions height : width. */
function cropped(graph: Graph, x: Node, height: number, width: number): Node {
  const [, rows, columns] = x.shape as [number, number, number]
  const windowRows = Math.max(1, Math.min(rows, Math.floor((columns * height) / width)))
  const windowColumns = Math.max(1, Math.min(columns, Math.floor((rows * width) / height)))
  return middle(graph, x, windowRows, windowColumns)
}

function resized(graph: Graph, x: Node, height: number, width: number, interpolation: Interpolation): Node {
  const [, rows, columns] = x.shape as [number, number, number]
  // Rows go last for the product and come back: [N, H, W, C] → [N, W, C, H] → [N, W, C, H'] → [N, H', W, C].
  const tall =
    rows === height
      ? x
      : graph.transpose(alongLast(graph, graph.transpose(x, [0, 2, 3, 1]), height, interpolation), [0, 3, 1, 2])
  if (columns === width) return tall
  return graph.transpose(alongLast(graph, graph.transpose(tall, [0, 1, 3, 2]), width, interpolation), [0, 1, 3, 2])
}

function alongLast(graph: Graph, x: Node, outputs: number, interpolation: Interpolation): Node {
  return graph.conv2d(x, samplingMatrix(graph, x.shape[3]!, outputs, interpolation), {
    strides: [1, 1],
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
    dilation: [1, 1],
    groups: 1,
  })
}

/** [1, 1, in, out]: the share of input pixel j in output pixel i; hat functions (bilinear) or a 1 in each column (nearest). */
function samplingMatrix(graph: Graph, inputs: number, outputs: number, interpolation: Interpolation): Node {
  const shape: Shape = [1, 1, inputs, outputs]
  const from = graph.iota(shape, 2)
  const place = graph.mul(graph.add(graph.iota(shape, 3), 0.5), inputs / outputs)
  if (interpolation === 'nearest') return graph.binary('equal', from, graph.unary('floor', place))
  const inside = graph.min(graph.max(graph.sub(place, 0.5), 0), inputs - 1)
  return graph.max(graph.sub(1, graph.unary('abs', graph.sub(inside, from))), 0)
}
