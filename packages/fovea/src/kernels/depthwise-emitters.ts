/** Kernels of depthwise convolutions and their input gradients. */
import { emitDepthwise } from './depthwise.ts'
import type { Emitters } from './part.ts'

export const depthwiseEmitters: Emitters<'depthwise'> = {
  depthwise: emitDepthwise,
}
