/**
 * The kernel of a first layer that whitens: what its filters give for patches of training pictures is uncorrelated and of variance 1. In:
 * pictures as they reach the layer. Out: the kernel [height, width, channels, filters]. With C = E diag(λ) Eᵀ the covariance of all
 * patches, filter i is row i of Eᵀ / √(λᵢ + epsilon), the largest λ first; the second half of the filters are the first, negated, since a
 * ReLU behind them would lose one side. Sources: Page 2019, "How to train your ResNet 8"; Jordan 2024, "94% on CIFAR-10 in 3.29 seconds"
 * (which does not subtract the mean: its pictures have none).
 */
import { UserError } from '../base/errors.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { symmetricEigen } from '../base/symmetric-eigen.ts'
import type { Layer } from './layer.ts'

/** Products that the covariance may take, about a second of work: where patches need more, every so many-th row and column is taken. */
const mostProducts = 2 ** 29

/**
 * Throws UserError where the layer has no such patches: neighbouring pixels with all their channels, as many directions as filters, counting
 * both ways.
 */
export function checkWhitened({ name, type, config }: Layer, picture: Shape, kernel: Shape): void {
  const [[rows, columns], [height, width], filters] = [
    picture as [number, number],
    kernel as [number, number],
    kernel.at(-1)!,
  ]
  const most = (2 * sizeOf(kernel)) / filters
  const { groups, dilationRate, dataFormat } = config
  const isPlain = groups === 1 && String(dilationRate) === '1,1' && dataFormat === 'channelsLast'
  const problem = !isPlain
    ? ['is a plain convolution', "groups 1, dilationRate 1, dataFormat 'channelsLast'"]
    : height > rows || width > columns
      ? ['sees whole patches', `pictures of ≥ ${height} × ${width}`]
      : filters > most
        ? ['has no more filters than directions, each with its negative', `at most ${most} filters`]
        : undefined
  if (!problem) return
  throw new UserError({
    what: `Layer '${name}' (${type}) has kernelInitializer PatchWhitening, which takes a layer that ${problem[0]}.`,
    expected: problem[1]!,
    received: `${filters} filters of ${height} × ${width} on ${rows} × ${columns}, groups ${groups}, dilationRate ${dilationRate}, dataFormat '${dataFormat}'`,
  })
}

/** Sums over patches, which pictures are added to. */
export interface PatchSums {
  /** Pictures one after the other, in plain order. */
  add(pictures: Float64Array): void
  /** [size, size], size = height · width · channels of a patch. */
  covariance(): Float64Array
}

/** Of `pictures` pictures [rows, columns, channels] in all, with patches as the kernel [height, width, channels, filters] sees them. */
export function patchSums(picture: Shape, kernel: Shape, pictures: number): PatchSums {
  const [rows, columns, channels] = picture as [number, number, number]
  const [height, width] = kernel as [number, number]
  const size = height * width * channels
  const [down, across] = [rows - height + 1, columns - width + 1]
  const step = Math.max(1, Math.ceil(Math.sqrt((pictures * down * across * size * size) / 2 / mostProducts)))
  const sums = new Float64Array(size)
  const products = new Float64Array(size * size)
  const patch = new Float64Array(size)
  let count = 0
  return {
    add(values) {
      for (let begin = 0; begin < values.length; begin += rows * columns * channels) {
        for (let row = 0; row < down; row += step) {
          for (let column = 0; column < across; column += step) {
            let at = 0
            for (let line = 0; line < height; line++) {
              const from = begin + ((row + line) * columns + column) * channels
              for (let pixel = 0; pixel < width * channels; pixel++) patch[at++] = values[from + pixel]!
            }
            addPatch(patch, sums, products)
            count++
          }
        }
      }
    },
    covariance() {
      const covariance = new Float64Array(size * size)
      for (let a = 0; a < size; a++) {
        for (let b = 0; b <= a; b++) {
          const value = products[a * size + b]! / count - (sums[a]! / count) * (sums[b]! / count)
          covariance[a * size + b] = value
          covariance[b * size + a] = value
        }
      }
      return covariance
    },
  }
}

/** Its products with itself, below the diagonal. */
function addPatch(patch: Float64Array, sums: Float64Array, products: Float64Array): void {
  const size = patch.length
  for (let a = 0; a < size; a++) {
    const value = patch[a]!
    sums[a] = sums[a]! + value
    const line = a * size
    for (let b = 0; b <= a; b++) products[line + b] = products[line + b]! + value * patch[b]!
  }
}

/** Of n filters, ⌈n / 2⌉ directions and ⌊n / 2⌋ of them negated. */
export function whiteningKernel(covariance: Float64Array, kernel: Shape, epsilon: number): Float32Array {
  const filters = kernel.at(-1)!
  const size = sizeOf(kernel) / filters
  const { values, vectors } = symmetricEigen(covariance, size)
  const half = Math.ceil(filters / 2)
  const result = new Float32Array(size * filters)
  for (let filter = 0; filter < filters; filter++) {
    const direction = filter % half
    const length = (filter < half ? 1 : -1) / Math.sqrt(Math.max(0, values[direction]!) + epsilon)
    for (let at = 0; at < size; at++) result[at * filters + filter] = vectors[direction * size + at]! * length
  }
  return result
}
