/** Planes as pictures to look at. */

import { checkArguments } from '../base/arguments.ts'
import type { Picture } from '../base/picture.ts'
import { oneOf } from '../base/schema.ts'
import { type Plane, planeValue } from './plane.ts'

/**
 * A grey picture of a plane. Values from 0 to 255 (give or take half of that: sharpening overshoots) are cut off at the ends; results that are as
 * often negative as positive (edges) show their size, the largest white.
 */
export function planeToPicture(plane: Plane): Picture {
  checkArguments('planeToPicture', { plane: planeValue }, { plane })
  const { width, height, data } = plane
  const [low, high] = data.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [0, 0])
  const signed = low < -0.5 * high || high > 2 * 255
  const largest = Math.max(-low, high, 1)
  const byte = (value: number): number => (signed ? (Math.abs(value) / largest) * 255 : value)
  return { width, height, channels: 1, data: new Uint8Array(Uint8ClampedArray.from(data, byte).buffer) }
}

/** A plane in false colour: brightness in the one channel it came from. */
export function planeInColour(plane: Plane, channel: 'red' | 'green' | 'blue'): Picture {
  checkArguments('planeInColour', { channel: oneOf(['red', 'green', 'blue']) }, { channel })
  const { width, height, data } = planeToPicture(plane)
  const colour = new Uint8Array(3 * data.length)
  const offset = ['red', 'green', 'blue'].indexOf(channel)
  for (const [pixel, value] of data.entries()) colour[3 * pixel + offset] = value
  return { width, height, channels: 3, data: colour }
}
