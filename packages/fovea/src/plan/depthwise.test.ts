/** Every product of a depthwise pass is met once, whatever the shape: classes and tiles against the plain loop. */
import { describe, expect, it } from 'vitest'
import { axisClasses, tileRuns } from './depthwise.ts'
import type { Direction } from './geometry.ts'
import type { ConvGeometry } from './types.ts'

interface Axis {
  readonly inputs: number
  readonly size: number
  readonly stride: number
  readonly dilation: number
  readonly before: number
  readonly after: number
}

const outputsOf = ({ inputs, size, stride, dilation, before, after }: Axis): number =>
  Math.floor((inputs + before + after - dilation * (size - 1) - 1) / stride) + 1

function geometryOf(axis: Axis): ConvGeometry {
  const { inputs, size, stride, dilation, before, after } = axis
  return {
    input: { height: 1, width: inputs, channels: 4 },
    output: { height: 1, width: outputsOf(axis), channels: 4 },
    size: [1, size],
    strides: [1, stride],
    dilation: [1, dilation],
    groups: 4,
    origin: [0, before],
    spread: [1, 1],
    padded: [1, inputs + before + after],
  }
}

/** [output, tap, input] of the plain loop; of the gradient the outputs are the inputs. */
function plain(axis: Axis, direction: Direction): string[] {
  const { inputs, size, stride, dilation, before } = axis
  return Array.from({ length: outputsOf(axis) }, (_, output) =>
    Array.from({ length: size }, (_, tap) => [output, tap, output * stride + tap * dilation - before] as const)
      .filter(([, , input]) => input >= 0 && input < inputs)
      .map(([output, tap, input]) => (direction === 'forward' ? [output, tap, input] : [input, tap, output]).join()),
  )
    .flat()
    .sort()
}

function met(axis: Axis, direction: Direction, most: number): string[] {
  return tileRuns(axisClasses(geometryOf(axis), direction, 1), most)
    .flatMap(({ first, pixels, repeats, input, apart }) =>
      Array.from({ length: repeats }, (_, repeat) =>
        pixels.map((meetings, pixel) =>
          meetings.map(({ tap, place }) =>
            [first + repeat * pixels.length + pixel, tap, input + repeat * apart + place].join(),
          ),
        ),
      ).flat(2),
    )
    .sort()
}

const extents = [1, 2, 5, 8, 13] as const
const axes = extents.flatMap(inputs =>
  [1, 2, 3, 5].flatMap(size =>
    [1, 2, 3].flatMap(stride =>
      [1, 2, 3].flatMap(dilation =>
        [0, 1, 4].flatMap(before =>
          [0, 2, 7].map((after): Axis => ({ inputs, size, stride, dilation, before, after })),
        ),
      ),
    ),
  ),
)

describe.each(['forward', 'gradient'] as const)('%s', direction => {
  it('meets what the plain loop meets, in tiles of any width', () => {
    const possible = axes.filter(axis => outputsOf(axis) > 0)
    expect(possible.length).toBeGreaterThan(1000)
    for (const axis of possible)
      for (const most of [1, 4, 7])
        expect(met(axis, direction, most), JSON.stringify(axis)).toEqual(plain(axis, direction))
  })

  it('what lies inside the picture is one run', () => {
    const axis = { inputs: 113, size: 3, stride: 2, dilation: 1, before: 1, after: 1 }
    const runs = tileRuns(axisClasses(geometryOf(axis), direction, 1), 4)
    expect(Math.max(...runs.map(({ repeats }) => repeats))).toBeGreaterThan(10)
    expect(runs.length).toBeLessThanOrEqual(4)
  })
})
