/**
 * What a layer gives, as a solid: a map of H × W × C is a slab whose side shows height and width (by square root, so that 7 × 7 is
 * still seen beside 224 × 224) and whose thickness follows the channels (by logarithm); a row of units is a bar.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import { type Shape, sizeOf } from 'fovea/internal/base/shape'
import { svgElement } from './svg.ts'

/** The largest extents of a network, which all its solids are measured by. */
export interface SlabScale {
  readonly side: number
  readonly channels: number
  readonly units: number
}

export interface Slab {
  /** Of the whole drawing, its middle at 0, 0. */
  readonly width: number
  readonly height: number
  /** Its faces: points of front, top and side, x and y by turns. */
  readonly front: string
  readonly top: string
  readonly side: string
  /** The map from the unit square to the side face, as SVG's `matrix`: for a picture on it. */
  readonly sideMatrix: string
}

const [longestSide, thinnest, thickest, tallestBar] = [64, 4, 34, 74]

export function slabScale(shapes: readonly Shape[]): SlabScale {
  const maps = shapes.filter(shape => shape.length === 3)
  const units = shapes.filter(shape => shape.length !== 3).map(sizeOf)
  return {
    side: largestOf(
      maps.flatMap(([height, width]) => [height!, width!]),
      1,
    ),
    channels: largestOf(
      maps.map(([, , channels]) => channels!),
      1,
    ),
    units: largestOf(units, 1),
  }
}

export function slabOf(shape: Shape, scale: SlabScale): Slab {
  if (shape.length !== 3) return solid(8, 14 + (tallestBar - 14) * logShare(sizeOf(shape), scale.units), 8)
  const [height, width, channels] = shape as readonly [number, number, number]
  const side = (extent: number): number => Math.max(7, longestSide * Math.sqrt(extent / scale.side))
  return solid(thinnest + (thickest - thinnest) * logShare(channels, scale.channels), side(height), side(width))
}

/** From 0 to 1. */
function logShare(value: number, largest: number): number {
  return Math.log2(1 + value) / Math.log2(1 + largest)
}

function solid(thickness: number, height: number, depth: number): Slab {
  // Depth goes to the right and up.
  const [right, up] = [0.5 * depth, 0.28 * depth]
  const [left, bottom] = [-(thickness + right) / 2, (height + up) / 2]
  const [edge, top] = [left + thickness, bottom - height]
  const points = (...corners: readonly (readonly [number, number])[]): string =>
    corners.map(corner => corner.map(rounded).join(' ')).join(' ')
  return {
    width: thickness + right,
    height: height + up,
    front: points([left, bottom], [edge, bottom], [edge, top], [left, top]),
    top: points([left, top], [edge, top], [edge + right, top - up], [left + right, top - up]),
    side: points([edge, bottom], [edge + right, bottom - up], [edge + right, top - up], [edge, top]),
    sideMatrix: `matrix(${[right, -up, 0, height, edge, top].map(rounded).join(' ')})`,
  }
}

/** The faces, in one colour of three strengths. */
export function slabFaces({ front, top, side }: Slab, colour: string): string {
  const face = (points: string, strength: number) => svgElement('polygon', { points, 'fill-opacity': strength })
  const line = { fill: colour, stroke: colour, 'stroke-linejoin': 'round' }
  return svgElement('g', line, face(front, 0.6) + face(top, 0.3) + face(side, 0.18))
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
