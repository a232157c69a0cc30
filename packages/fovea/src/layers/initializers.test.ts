import { expect, test } from 'vitest'
import { keyOf } from '../base/random.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { fans, type Initializer, initializerConfig, initialValue } from './initializers.ts'

const key = keyOf(42)
const kernel: Shape = [3, 3, 32, 64]
const values = (config: Initializer, shape: Shape = kernel): Float32Array =>
  initialValue(initializerConfig(config), shape, key)

function moments(x: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
  return { mean, deviation: Math.sqrt(variance), largest: x.reduce((max, value) => Math.max(max, Math.abs(value)), 0) }
}

test('fans count the area of a kernel', () => {
  expect(fans([784, 512])).toEqual({ fanIn: 784, fanOut: 512 })
  expect(fans(kernel)).toEqual({ fanIn: 288, fanOut: 576 })
  expect(fans([7])).toEqual({ fanIn: 7, fanOut: 7 })
})

// Variance scale / fan; a uniform on ±limit has deviation limit / √3.
test.each([
  ['glorotUniform', 1 / 432, true],
  ['glorotNormal', 1 / 432, false],
  ['heUniform', 2 / 288, true],
  ['heNormal', 2 / 288, false],
  ['lecunUniform', 1 / 288, true],
  ['lecunNormal', 1 / 288, false],
] as const)('%s has variance scale / fan', (name, variance, uniform) => {
  const { mean, deviation, largest } = moments(values(name))
  expect(Math.abs(mean)).toBeLessThan(0.02 * Math.sqrt(variance))
  expect(Math.abs(deviation / Math.sqrt(variance) - 1)).toBeLessThan(0.02)
  // Uniform reaches √3 deviations; the truncated normal 2 / 0.8796 of them.
  const limit = Math.sqrt(variance) * (uniform ? Math.sqrt(3) : 2 / 0.8796256610342398)
  expect(largest).toBeLessThanOrEqual(limit * 1.000001)
  expect(largest).toBeGreaterThan(limit * 0.99)
})

test('constants, ranges and normals take their numbers', () => {
  expect(values({ type: 'Constant', value: 0.25 }, [3])).toEqual(Float32Array.of(0.25, 0.25, 0.25))
  expect(values('zeros', [2])).toEqual(new Float32Array(2))
  expect(values('ones', [2])).toEqual(Float32Array.of(1, 1))
  const { mean, deviation } = moments(values({ type: 'RandomNormal', mean: 2, stddev: 0.5 }))
  expect(mean).toBeCloseTo(2, 2)
  expect(deviation).toBeCloseTo(0.5, 2)
  const inRange = values({ type: 'RandomUniform', minval: 1, maxval: 3 })
  expect(inRange.every(value => value >= 1 && value < 3)).toBe(true)
})

test('dirac starts a same-padded convolution as the identity', () => {
  const x = values('dirac', [3, 3, 2, 2])
  expect([...x.keys()].filter(index => x[index] !== 0)).toEqual([(4 * 2 + 0) * 2 + 0, (4 * 2 + 1) * 2 + 1])
})

test('dirac begins filters beyond the inputs as it is told: airbench as PyTorch does, ±1 / √fan in', () => {
  const others: Initializer = { type: 'VarianceScaling', scale: 1 / 3, distribution: 'uniform' }
  const [inputs, outputs] = [4, 6]
  const x = values({ type: 'Dirac', others }, [3, 3, inputs, outputs])
  const filter = (index: number): number[] => [...x].filter((_, at) => at % outputs === index)
  for (let index = 0; index < inputs; index++) {
    const centre = filter(index).map((_, at) => (at === 4 * inputs + index ? 1 : 0))
    expect(filter(index)).toEqual(centre)
  }
  const drawn = [...filter(4), ...filter(5)]
  expect(drawn.every(value => Math.abs(value) <= 1 / 6 && value !== 0)).toBe(true)
  expect(Math.max(...drawn.map(Math.abs))).toBeGreaterThan(0.9 / 6)
  // Fewer filters than inputs: each passes one on.
  expect([...values({ type: 'Dirac', others }, [1, 1, 3, 2])]).toEqual([1, 0, 0, 1, 0, 0])
  expect(values('dirac', [1, 1, 1, 2])).toEqual(Float32Array.of(1, 0))
  expect(initializerConfig('dirac')).toEqual({ type: 'Dirac', others: { type: 'Zeros' } })
  expect(() => values({ type: 'Dirac', others: 'dirac' }, [1, 1, 1, 2])).toThrow('another initializer')
  expect(() => values({ type: 'Dirac', others: 'patchWhitening' as never }, [1, 1, 1, 2])).toThrow('Conv2D alone')
})

test.each([[[12, 5]], [[5, 12]], [[3, 3, 4, 8]]])(
  'orthogonal %j has orthonormal vectors along its shorter side',
  shape => {
    const x = values({ type: 'Orthogonal', gain: 2 }, shape)
    const columns = shape.at(-1)!
    const rows = sizeOf(shape) / columns
    const vector = (index: number): number[] =>
      rows < columns
        ? [...x.subarray(index * columns, (index + 1) * columns)]
        : Array.from({ length: rows }, (_, row) => x[row * columns + index]!)
    const count = Math.min(rows, columns)
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        const product = vector(a).reduce((sum, value, index) => sum + value * vector(b)[index]!, 0)
        expect(product).toBeCloseTo(a === b ? 4 : 0, 5)
      }
    }
  },
)

test('the same key gives the same bits, another key others', () => {
  expect(values('heNormal')).toEqual(values('heNormal'))
  expect(initialValue(initializerConfig('heNormal'), [8], keyOf(43))).not.toEqual(values('heNormal', [8]))
})
