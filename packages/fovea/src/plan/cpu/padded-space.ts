/** Pictures with zeros around them, as convolutions and poolings read them: bytes of thread-private memory, by shape and target. */
import type { Target } from '../target.ts'
import type { ConvGeometry, Spec } from '../types.ts'

type Pool = Extract<Spec, { kind: 'pool' }>

export type Placement = Pick<ConvGeometry, 'input' | 'origin' | 'spread' | 'padded'>

/** Whether the picture can be read where it is. */
export function isDirect({ input, origin, spread, padded }: Placement): boolean {
  return (
    origin[0] === 0 &&
    origin[1] === 0 &&
    spread[0] === 1 &&
    spread[1] === 1 &&
    padded[0] === input.height &&
    padded[1] === input.width
  )
}

/** The padded picture, and what vectors may read beyond it. */
export function paddedPictureBytes({ lanes }: Target, { padded, input }: Placement): number {
  return (padded[0] * padded[1] * input.channels + 2 * lanes) * 4
}

export function paddedBytes(target: Target, placement: Placement): number {
  return isDirect(placement) ? 0 : paddedPictureBytes(target, placement)
}

/** The padded picture; larger than the paddings say when that is what windows reach. */
export function placementOf({ window, inputShape }: Pick<Pool, 'window' | 'inputShape'>): Placement {
  const [, height, width, channels] = inputShape as [number, number, number, number]
  const { padding } = window
  return {
    input: { height, width, channels },
    origin: [padding.top, padding.left],
    spread: [1, 1],
    padded: [height + padding.top + padding.bottom, width + padding.left + padding.right],
  }
}

export function poolScratch(target: Target, spec: Pick<Pool, 'window' | 'inputShape'>): number {
  return paddedBytes(target, placementOf(spec))
}
