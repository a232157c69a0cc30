/**
 * The plan: what runs, in which order, where every number lives. It is data: `plan/print` shows it, `kernels` implement it.
 *
 * Kernels are split over threads in one of two ways. `rows`: the batch is cut into slices of SLICE_ROWS rows, threads take
 * whole slices, and consecutive such kernels walk slice by slice, so that a slice stays in the core's cache. `units`: some other
 * index (output blocks) is cut into `units`; every unit sees the whole batch. Which one, and where the cuts are, depends on
 * shapes alone, so bits never depend on the number of threads. A phase is what runs between two barriers.
 */
import type { DType, Shape } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Convolution, ReduceFn, Sampling, Window } from '../graph/ops.ts'

/** What a convolution's kernel is cut into: pictures (rows of the batch, or units); of the whole batch lines, register tiles, blocks of filters. */
export type Cut = 'pictures' | 'lines' | 'tiles' | 'blocks'

/** Outputs of a Winograd tile along each axis. */
export type TileSize = 2 | 4
/**
 * Which picture a Winograd convolution cuts into tiles: `input` (x, or dy as the input of a convolution with the turned filter), or
 * `gradient`: dy in the transposed algorithm, which adds up overlapping tiles of dx. Geometry: of the convolution as it runs, for
 * `gradient` of the forward pass.
 */
export type TileSide = 'input' | 'gradient'

/** Rows of the batch in one slice: on every target, since sums over the batch are taken slice by slice. */
export const SLICE_ROWS = 4

/**
 * A region of memory. `arena`: between kernels of a step; `state`: between steps; `feed` and `result`: one slot per step of a
 * run, at a base that moves; `slice`: one slice at a time, in the scratch memory of the thread that runs it.
 */
export interface Buffer {
  readonly id: number
  readonly name: string
  /** `arena` may become `slice` (plan/memory) or, for what is prepared, `state` (plan/prepare). */
  space: 'arena' | 'slice' | 'state' | 'feed' | 'result'
  readonly dtype: DType
  /** Elements in all (for a batched value: capacity × row). */
  readonly size: number
  readonly batched: boolean
  /** Elements of a row of a batched value. */
  readonly rowSize: number
  readonly layout: Layout
  /** Byte offset in its space; set by plan/memory. */
  offset: number
}

/**
 * Order of a weight's elements. `blocked`: the last axis (outputs O) is cut into the target's blocks, [O/block][I][block], I everything
 * else; the last block is as narrow as what is left, so there is no padding. `plain`: as in the shape.
 */
export type Layout = 'plain' | 'blocked'

/** How a kernel reads or writes a buffer along its own axes: element offset + Σ index · stride. */
export interface Access {
  readonly buffer: Buffer
  readonly offset: number
  readonly strides: readonly number[]
}

/** Values computed element by element from loaded ones: nodes in `leaves` are loaded, all others of the tree are operations. */
export interface Expression {
  readonly leaves: ReadonlyMap<Node, Access>
  readonly results: readonly Result[]
}

/** A result and where it goes. `summed`: added up over all axes but the last, into the slice's section of the buffer. */
export interface Result {
  readonly node: Node
  readonly access: Access
  readonly summed?: boolean
}

/** What a kernel that produces `anchor` does with it before storing: nothing, or bias, activation, update … in registers. */
export interface Epilogue extends Expression {
  readonly anchor: Node
}

export type Spec =
  | { readonly kind: 'map'; readonly shape: Shape; readonly batched: boolean; readonly expression: Expression }
  | {
      /** results[i].node are the values to reduce; access of the result over the kept axes. */
      readonly kind: 'reduce'
      readonly fn: ReduceFn
      readonly shape: Shape
      readonly batched: boolean
      readonly axes: readonly number[]
      readonly expression: Expression
      /** Written to `results` (one section per slice or block), to be combined; undefined when reduced at once. */
      readonly partial: boolean
    }
  | {
      /** Adds (or takes the maximum of) sections in order: section s of `from` starts at s · size. */
      readonly kind: 'combine'
      readonly fn: ReduceFn | 'moments'
      readonly from: Buffer
      readonly to: Access
      readonly size: number
      /** Number of sections: fixed, or one per slice of the real rows. */
      readonly sections: number | 'slices'
      /** Elements of a row of the batch behind each moment (height · width). */
      readonly rowCount: number
    }
  | {
      readonly kind: 'matmul'
      readonly a: Access
      readonly weight: Weight
      readonly rows: number
      readonly inner: number
      readonly columns: number
      readonly batched: boolean
      readonly epilogue: Epilogue
    }
  | {
      readonly kind: 'matmulInputGrad'
      readonly dy: Access
      readonly weight: Weight
      readonly rows: number
      readonly inner: number
      readonly columns: number
      readonly batched: boolean
      readonly epilogue: Epilogue
    }
  | {
      readonly kind: 'matmulWeightGrad'
      readonly x: Access
      readonly dy: Access
      readonly rows: number
      readonly inner: number
      readonly columns: number
      readonly batched: boolean
      readonly layout: Layout
      readonly epilogue: Epilogue
    }
  | {
      /** Also an input gradient: a convolution of the dilated, padded dy with the turned filter. */
      readonly kind: 'conv2d'
      readonly x: Access
      readonly weight: Weight
      readonly cut: Cut
      readonly geometry: ConvGeometry
      readonly epilogue: Epilogue
    }
  | {
      /** dx by scattering dy. `geometry` is that of the forward pass, `weight` packed in runs. */
      readonly kind: 'conv2dInputGrad'
      readonly dy: Access
      readonly weight: Buffer
      readonly geometry: ConvGeometry
      readonly epilogue: Epilogue
    }
  /** Of one filter a channel, or its input gradient (x is then dy). `geometry` is that of the forward pass, `weight` [R, S, C]. */
  | {
      readonly kind: 'depthwise'
      readonly direction: 'forward' | 'gradient'
      readonly x: Access
      readonly weight: Buffer
      readonly cut: Cut
      readonly geometry: ConvGeometry
      readonly epilogue: Epilogue
    }
  /** Of a batch: a section [R, S, C] per slice. */
  | {
      readonly kind: 'depthwiseFilterGrad'
      readonly x: Access
      readonly dy: Access
      readonly to: Access
      readonly geometry: ConvGeometry
      readonly rows: number
      readonly batched: boolean
    }
  | {
      readonly kind: 'conv2dFilterGrad'
      readonly x: Access
      readonly dy: Access
      readonly geometry: ConvGeometry
      readonly layout: Layout
      readonly rows: number
      readonly batched: boolean
      readonly partial: boolean
      readonly epilogue: Epilogue
    }
  /** A filter's transform, [O/block][frequency][I][block]; for the input gradient with channels and filters exchanged, and turned. */
  | {
      readonly kind: 'winogradFilter'
      readonly from: Buffer
      readonly to: Buffer
      readonly layout: Layout
      readonly direction: 'forward' | 'exchanged' | 'turned'
      readonly channels: number
      readonly filters: number
      readonly size: TileSize
    }
  /** As conv2d (3 × 3, stride 1), `weight` transformed. */
  | {
      readonly kind: 'winogradConv'
      readonly x: Access
      readonly weight: Buffer
      readonly geometry: ConvGeometry
      readonly size: TileSize
      readonly side: TileSide
      /** Outputs that see nothing but zeros are exactly 0. */
      readonly keepsZeros: boolean
      readonly epilogue: Epilogue
    }
  /** All tiles of a batch of `pictures`, transformed: [frequency][tile][channel]. */
  | {
      readonly kind: 'winogradTiles'
      readonly x: Access
      readonly to: Buffer
      readonly side: TileSide
      readonly geometry: ConvGeometry
      readonly size: TileSize
      readonly pictures: number
    }
  /** Their products with a transformed filter, [O/block][frequency][tile][block]. */
  | {
      readonly kind: 'winogradProduct'
      readonly from: Buffer
      readonly weight: Buffer
      readonly to: Buffer
      readonly geometry: ConvGeometry
      readonly size: TileSize
      readonly side: TileSide
      readonly pictures: number
      readonly batched: boolean
    }
  | {
      readonly kind: 'winogradOutput'
      readonly from: Buffer
      /** The picture, where outputs that see nothing but zeros of it are to be exactly 0. */
      readonly zerosOf: Access | undefined
      readonly geometry: ConvGeometry
      readonly size: TileSize
      readonly side: TileSide
      readonly pictures: number
      readonly epilogue: Epilogue
    }
  /** One section per slice. */
  | {
      readonly kind: 'winogradFilterGrad'
      readonly x: Access
      readonly dy: Access
      readonly geometry: ConvGeometry
      readonly size: TileSize
      readonly layout: Layout
      readonly epilogue: Epilogue
    }
  /** From the transformed tiles of a batch. */
  | {
      readonly kind: 'winogradFilterProduct'
      readonly xTiles: Buffer
      readonly dyTiles: Buffer
      readonly geometry: ConvGeometry
      readonly size: TileSize
      readonly pictures: number
      readonly batched: boolean
      readonly layout: Layout
      readonly epilogue: Epilogue
    }
  | { readonly kind: 'pack'; readonly from: Buffer; readonly to: Buffer; readonly packing: Packing }
  | {
      readonly kind: 'pool'
      readonly fn: 'max' | 'average'
      readonly x: Access
      readonly y: Access
      readonly window: Window
      readonly inputShape: Shape
      readonly outputShape: Shape
    }
  | {
      readonly kind: 'poolGrad'
      readonly fn: 'max' | 'average'
      readonly x?: Access
      readonly y?: Access
      readonly dy: Access
      readonly window: Window
      readonly inputShape: Shape
      readonly outputShape: Shape
      readonly epilogue: Epilogue
    }
  | {
      readonly kind: 'rowwise'
      readonly fn: 'softmax' | 'logSoftmax' | 'argmax'
      readonly x: Access
      readonly y: Access
      readonly rows: number
      readonly width: number
      readonly batched: boolean
    }
  /** Writes per slice the mean and the sum of squared deviations of each channel. */
  | {
      readonly kind: 'moments'
      readonly x: Access
      readonly to: Buffer
      readonly pixels: number
      readonly channels: number
    }
  | {
      readonly kind: 'affineSample'
      readonly x: Access
      readonly transform: Access
      readonly y: Access
      readonly shape: Shape
      readonly sampling: Sampling
    }
  | {
      readonly kind: 'fill'
      readonly to: Access
      readonly shape: Shape
      readonly batched: boolean
      readonly value: number
    }

export type KernelKind = Spec['kind']
export type SpecOf<K extends KernelKind> = Extract<Spec, { readonly kind: K }>

/** A weight as kernels read it: blocked [O/block][I][block], the I × O matrix of one group at a time. */
export interface Weight {
  readonly buffer: Buffer
  /** Element offset of group g is g · groupSize. */
  readonly groupSize: number
}

export type Packing =
  /** [.., C, K] plain → per group blocked. */
  | {
      readonly kind: 'forward'
      readonly taps: number
      readonly channels: number
      readonly filters: number
      readonly groups: number
    }
  /** Filter → turned by 180°, channels and filters exchanged, blocked over channels: for the input gradient. */
  | {
      readonly kind: 'turned'
      readonly taps: number
      readonly channels: number
      readonly filters: number
      readonly groups: number
      readonly from: Layout
    }
  /** Filter [R, S, C, K] → [piece][R][K][S · C]: for the input gradient that scatters. */
  | { readonly kind: 'runs'; readonly geometry: ConvGeometry; readonly from: Layout }

export interface ConvGeometry {
  /** Of the tensor that is read (for the input gradient: dy). */
  readonly input: { readonly height: number; readonly width: number; readonly channels: number }
  readonly output: { readonly height: number; readonly width: number; readonly channels: number }
  readonly size: readonly [number, number]
  readonly strides: Convolution['strides']
  readonly dilation: Convolution['dilation']
  readonly groups: number
  /** Where input (0, 0) lies in the padded copy, and how far apart its pixels are there (the stride, for input gradients). */
  readonly origin: readonly [number, number]
  readonly spread: readonly [number, number]
  /** Height and width of the padded copy; the input is read directly when they equal its own and nothing moves. */
  readonly padded: readonly [number, number]
}

export interface Kernel {
  readonly id: number
  readonly name: string
  readonly spec: Spec
  readonly split: 'rows' | 'units'
  readonly units: number
  readonly reads: readonly Buffer[]
  readonly writes: readonly Buffer[]
  /** Bytes of thread-private memory. */
  readonly scratch: number
}

export interface Phase {
  readonly kernels: readonly Kernel[]
}

/** One entry, laid out. */
export interface Plan {
  readonly name: string
  /** The entry to be run before this one when a state has changed. */
  readonly preparation?: string
  readonly batch: number
  readonly phases: readonly Phase[]
  readonly buffers: readonly Buffer[]
  readonly inputs: readonly { readonly node: NodeOf<'input'>; readonly buffer: Buffer }[]
  readonly outputs: readonly { readonly name: string; readonly node: Node; readonly buffer: Buffer }[]
  readonly feedBytes: number
  readonly resultBytes: number
  readonly arenaBytes: number
  readonly scratchBytes: number
}
