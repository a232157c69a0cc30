/**
 * A drawn digit as MNIST would show it (LeCun et al., http://yann.lecun.com/exdb/mnist/): light strokes on black, fitted
 * into a 20×20 box with their proportions kept, the centre of mass in the middle of 28×28. The paper, measured at the
 * border, becomes 0 and the ink 255; specks far smaller than the strokes do not count.
 */
import { largestOf, smallestOf } from '../base/extremes.ts'
import type { Picture } from '../base/picture.ts'
import { cut } from './picture.ts'
import { stretch } from './resize.ts'

const { floor, max, min, round } = Math

export interface DigitOptions {
  /** Side of the box for the strokes, 20 in MNIST. */
  readonly box: number
  readonly width: number
  readonly height: number
  /** Takes the picture as light on dark, whatever it looks like. */
  readonly noInvert?: boolean | undefined
}

export interface DigitResult {
  readonly picture: Picture
  /** What was done, for the user. */
  readonly notes: readonly string[]
}

/** Contrast below this share of the ink's is paper: grain, shadows, artefacts of compression. */
const grain = 0.15
/** Pixels of at least this share of the ink's contrast belong to a stroke. */
const strokeContrast = 0.5
/** Connected strokes smaller than this share of the largest one are specks. */
const speckShare = 0.04
/** Fewer grey levels than this between paper and ink: nothing was drawn. */
const leastContrast = 12

/** Takes a grey picture. A picture without strokes gives black, and a note that says so. */
export function digit(picture: Picture, options: DigitOptions): DigitResult {
  const { width, height, box } = options
  const notes: string[] = []
  const levels = inkLevels(picture, options.noInvert === true)
  if (levels === undefined) {
    const blank = { width, height, channels: 1, data: new Uint8Array(width * height) } as const
    return { picture: blank, notes: ['the picture is blank: no strokes were found'] }
  }
  if (levels.inverted) notes.push('inverted: the border is lighter than the strokes')
  const ink = levels.picture
  const { left, top, right, bottom } = strokeBounds(ink)
  const cropWidth = right - left
  const cropHeight = bottom - top
  notes.push(`cropped to the strokes: ${cropWidth}×${cropHeight} at column ${left}, row ${top}`)
  const scale = box / max(cropWidth, cropHeight)
  const fitWidth = max(1, round(cropWidth * scale))
  const fitHeight = max(1, round(cropHeight * scale))
  const fitted = brightened(stretch(cut(ink, left, top, cropWidth, cropHeight), fitWidth, fitHeight))
  const [centreColumn, centreRow] = centreOfMass(fitted)
  // Half a pixel past the middle: that is where the centres of mass of MNIST's own pictures lie (14.5 of 28, measured).
  const offset = (extent: number, fit: number, centre: number) =>
    max(0, min(extent - fit, round((extent + 1) / 2 - centre)))
  const column = offset(width, fitWidth, centreColumn)
  const row = offset(height, fitHeight, centreRow)
  return { picture: cut(fitted, -column, -row, width, height), notes }
}

/** Paper to 0, ink to 255; undefined when there is no ink. */
function inkLevels(picture: Picture, noInvert: boolean): { picture: Picture; inverted: boolean } | undefined {
  const { width, height, data } = picture
  const counts = new Uint32Array(256)
  for (const value of data) counts[value]!++
  const paper = borderMedian(picture)
  // A few odd pixels must not set the scale, a thin stroke in a large picture must.
  const odd = min(8, 0.002 * data.length)
  const dark = levelAt(counts, odd)
  const light = levelAt(counts, data.length - 1 - odd)
  // The ink is at the end of the scale that lies farther from the paper.
  const inverted = !noInvert && paper - dark > light - paper
  const contrast = inverted ? paper - dark : light - paper
  if (contrast < leastContrast) return undefined
  const table = Uint8Array.from({ length: 256 }, (_, value) => {
    const share = (inverted ? paper - value : value - paper) / contrast
    return round(255 * max(0, min(1, (share - grain) / (1 - grain))))
  })
  return { picture: { width, height, channels: 1, data: data.map(value => table[value]!) }, inverted }
}

/** The median of the outermost pixels, one in fifty of the side deep. */
function borderMedian({ width, height, data }: Picture): number {
  const depth = max(1, floor(min(width, height) / 50))
  const counts = new Uint32Array(256)
  for (let row = 0; row < height; row++) {
    const whole = row < depth || row >= height - depth
    for (let column = 0; column < width; column++)
      if (whole || column < depth || column >= width - depth) counts[data[row * width + column]!]!++
  }
  return levelAt(counts, counts.reduce((sum, count) => sum + count, 0) / 2)
}

/** The grey level of the pixel with this rank, the darkest one having rank 0. */
function levelAt(counts: Uint32Array, rank: number): number {
  let passed = 0
  for (let value = 0; value < 256; value++) {
    passed += counts[value]!
    if (passed > rank) return value
  }
  return 255
}

/** The rectangle around all strokes that are no specks (right and bottom are exclusive). */
function strokeBounds({ width, height, data }: Picture): { left: number; top: number; right: number; bottom: number } {
  const least = 255 * ((strokeContrast - grain) / (1 - grain))
  const pending = data.map(value => (value >= least ? 1 : 0))
  const stack = new Int32Array(width * height)
  const found: { area: number; left: number; top: number; right: number; bottom: number }[] = []
  for (let start = 0; start < pending.length; start++) {
    if (pending[start] === 0) continue
    const part = { area: 0, left: width, top: height, right: 0, bottom: 0 }
    let depth = 0
    stack[depth++] = start
    pending[start] = 0
    while (depth > 0) {
      const at = stack[--depth]!
      const row = floor(at / width)
      const column = at - row * width
      part.area++
      part.left = min(part.left, column)
      part.right = max(part.right, column + 1)
      part.top = min(part.top, row)
      part.bottom = max(part.bottom, row + 1)
      for (let y = max(0, row - 1); y <= min(height - 1, row + 1); y++)
        for (let x = max(0, column - 1); x <= min(width - 1, column + 1); x++) {
          const near = y * width + x
          if (pending[near] === 0) continue
          pending[near] = 0
          stack[depth++] = near
        }
    }
    found.push(part)
  }
  const largest = largestOf(found.map(part => part.area))
  const strokes = found.filter(part => part.area >= speckShare * largest)
  return {
    left: smallestOf(strokes.map(part => part.left)),
    top: smallestOf(strokes.map(part => part.top)),
    right: largestOf(strokes.map(part => part.right)),
    bottom: largestOf(strokes.map(part => part.bottom)),
  }
}

/** Shrinking makes thin strokes faint: the brightest pixel is full again, as in MNIST. */
function brightened(picture: Picture): Picture {
  const most = picture.data.reduce((a, b) => max(a, b), 1)
  return { ...picture, data: picture.data.map(value => round((255 * value) / most)) }
}

/** In pixels from the upper left corner: the middle of the first pixel is at 0.5. */
function centreOfMass({ width, data }: Picture): [number, number] {
  let mass = 0
  let across = 0
  let down = 0
  for (let at = 0; at < data.length; at++) {
    const row = floor(at / width)
    mass += data[at]!
    across += data[at]! * (at - row * width + 0.5)
    down += data[at]! * (row + 0.5)
  }
  return [across / mass, down / mass]
}
