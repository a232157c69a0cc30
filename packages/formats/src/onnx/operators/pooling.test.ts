/** Pooling with every kind of border, on numbers below 0 and above, against windows that are gone through one by one. */
import { loadModel } from 'fovea'
import { describe, expect, it } from 'vitest'
import { node, numbers, onnxBytes, value } from '../onnx-bytes.testing.ts'

interface Pooling {
  readonly size: readonly [number, number]
  readonly strides?: readonly [number, number]
  /** Top, left, bottom, right. */
  readonly pads?: readonly [number, number, number, number]
  readonly ceil?: boolean
  readonly counts?: boolean
  readonly dilation?: readonly [number, number]
}

const [channels, height, width] = [2, 7, 6]
const x = numbers(channels * height * width)

/** As ONNX says it: windows that begin inside or before the picture; of borders only what is asked for counts. */
function byHand(
  op: string,
  { size, strides = [1, 1], pads = [0, 0, 0, 0], ceil, counts, dilation = [1, 1] }: Pooling,
): number[] {
  const extents = [height, width]
  const windows = extents.map((extent, axis) => {
    const reach = dilation[axis]! * (size[axis]! - 1) + 1
    const steps = (extent + pads[axis]! + pads[axis + 2]! - reach) / strides[axis]!
    const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1
    return (count - 1) * strides[axis]! >= extent + pads[axis]! ? count - 1 : count
  }) as [number, number]
  const outputs: number[] = []
  for (let c = 0; c < channels; c++) {
    for (let at = 0; at < windows[0] * windows[1]; at++) {
      const begin = [Math.floor(at / windows[1]), at % windows[1]].map(
        (step, axis) => step * strides[axis]! - pads[axis]!,
      )
      const seen: number[] = []
      let counted = 0
      for (let k = 0; k < size[0] * size[1]; k++) {
        const [y, z] = [Math.floor(k / size[1]), k % size[1]].map(
          (place, axis) => begin[axis]! + place * dilation[axis]!,
        ) as [number, number]
        const isInside = y >= 0 && z >= 0 && y < height && z < width
        if (isInside) seen.push(x[c * height * width + y * width + z]!)
        if (isInside || (counts && y < height + pads[2] && z < width + pads[3])) counted++
      }
      outputs.push(op === 'MaxPool' ? Math.max(...seen) : seen.reduce((sum, one) => sum + one, 0) / counted)
    }
  }
  return outputs
}

const kinds: [string, Pooling][] = [
  ['no border', { size: [3, 2], strides: [2, 2] }],
  ['half a window on each side', { size: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['more behind', { size: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] }],
  ['more in front', { size: [2, 2], strides: [2, 2], pads: [1, 1, 0, 0] }],
  ['wide borders', { size: [3, 3], pads: [2, 2, 2, 2] }],
  ['one side alone', { size: [3, 3], strides: [1, 2], pads: [0, 2, 0, 0] }],
  ['a last window over the edge', { size: [2, 2], strides: [2, 2], ceil: true }],
  ['a last window over the border', { size: [3, 3], strides: [2, 3], pads: [1, 1, 1, 1], ceil: true }],
  ['a border that counts', { size: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], counts: true }],
  ['a border that counts, and beyond', { size: [3, 3], strides: [2, 3], pads: [1, 0, 1, 0], ceil: true, counts: true }],
  ['gaps', { size: [2, 3], strides: [2, 1], dilation: [3, 2] }],
]

describe.each(['MaxPool', 'AveragePool'])('%s with', op => {
  it.each(kinds)('%s', async (_, pooling) => {
    const { size, strides = [1, 1], pads = [0, 0, 0, 0], ceil, counts, dilation } = pooling
    const attributes = {
      kernel_shape: size,
      strides,
      pads,
      ...(ceil && { ceil_mode: 1 }),
      ...(counts && op === 'AveragePool' && { count_include_pad: 1 }),
      ...(dilation && { dilations: dilation }),
    }
    const model = await loadModel(
      onnxBytes({
        nodes: [node(op, ['x'], ['p'], attributes), node('Flatten', ['p'], ['f']), node('Neg', ['f'], ['y'])],
        inputs: [value('x', ['n', channels, height, width])],
        outputs: [value('y', ['n', 'm'])],
        opset: 19,
      }),
    )
    const given = x.map((_, at) => x[(at % channels) * height * width + Math.floor(at / channels)]!)
    const { data } = await model.predict({ shape: [1, height, width, channels], data: given })
    await model.dispose()
    const expected = byHand(op, pooling)
    expect(data).toHaveLength(expected.length)
    // Flattened, in ONNX's order.
    for (const [at, one] of data.entries()) expect(-one).toBeCloseTo(expected[at]!, 5)
  })
})
