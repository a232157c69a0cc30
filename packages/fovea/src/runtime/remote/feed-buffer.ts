/** The inputs of some steps in one buffer, one step behind the other, as both sides of a message lay them out. */
import { bytesOf, type DType, type NumericArray, sizeOf } from '../../base/shape.ts'
import type { StepGraph } from '../../graph/node.ts'
import type { FeedSlots } from '../device.ts'

export interface FeedLayout {
  readonly batch: number
  readonly inputs: readonly {
    readonly name: string
    readonly dtype: DType
    readonly offset: number
    readonly size: number
  }[]
  /** Bytes of a step. */
  readonly stride: number
}

const arrays = { f32: Float32Array, i32: Int32Array, u8: Uint8Array }

export function feedLayout({ batch, inputs }: Pick<StepGraph, 'batch' | 'inputs'>): FeedLayout {
  let stride = 0
  const placed = inputs.map(({ attributes: { name }, dtype, shape }) => {
    const offset = stride
    const size = sizeOf(shape)
    stride += Math.ceil((size * bytesOf[dtype]) / 8) * 8
    return { name, dtype, offset, size }
  })
  return { batch, inputs: placed, stride }
}

export function slotsIn(buffer: ArrayBuffer, { inputs, stride }: FeedLayout, step: number): FeedSlots {
  return Object.fromEntries(
    inputs.map(({ name, dtype, offset, size }): [string, NumericArray] => [
      name,
      new arrays[dtype](buffer, step * stride + offset, size),
    ]),
  )
}
