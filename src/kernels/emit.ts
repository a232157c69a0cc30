/** One kernel of a plan as code: which part of it [begin, end) means, and which emitter writes it. */
import { MAP_UNIT } from '../plan/axes.ts'
import { type ConvGeometry, type Kernel, SLICE_ROWS, type TileSize } from '../plan/types.ts'
import { tilingOf } from '../plan/winograd.ts'
import { filterGradUnits, INPUT_PANEL } from '../plan/workspace.ts'
import { elementAddress } from './address.ts'
import { emitAffineSample } from './affine.ts'
import { KernelBuilder } from './builder.ts'
import { emitConv2d } from './convolution.ts'
import { emitConv2dFilterGrad } from './filter-gradient.ts'
import { emitConv2dInputGrad } from './input-gradient.ts'
import type { KernelCode, Value } from './ir.ts'
import { emitMap } from './map.ts'
import { emitMatmul, type Range } from './matmul.ts'
import { emitMatmulInputGrad } from './matmul-input-grad.ts'
import { emitMatmulWeightGrad } from './matmul-weight-grad.ts'
import { vectorLoop } from './nest.ts'
import { emitPack } from './pack.ts'
import { emitPool, emitPoolGrad } from './pooling.ts'
import { emitReduce } from './reduce.ts'
import { emitRowwise } from './rowwise.ts'
import { emitCombine, emitMoments } from './statistics.ts'
import { emitWinogradConv, emitWinogradOutput, emitWinogradProduct, emitWinogradTiles } from './winograd.ts'
import { emitWinogradFilter } from './winograd-filter.ts'
import { emitWinogradFilterGrad, emitWinogradFilterProduct } from './winograd-filter-gradient.ts'

/** The kernel as a function of (begin, end): rows of one slice, or units. */
export function emitKernel(kernel: Kernel, name: string): KernelCode {
  const k = new KernelBuilder(name, ['begin', 'end'])
  const range: Range = { begin: k.parameter('begin'), end: k.parameter('end') }
  const { spec } = kernel
  const byRows = kernel.split === 'rows'
  const slice = (): Value => k.let(k.div(range.begin, SLICE_ROWS))
  const allRows = (count: number, batched: boolean): Range => ({
    begin: k.int(0),
    end: batched ? k.let(k.global('rows')) : k.int(count),
  })
  const allTiles = (staged: { geometry: ConvGeometry; size: TileSize; pictures: number; batched: boolean }): Value => {
    const { rows, columns } = tilingOf(staged.geometry, staged.size, 'input')
    return k.let(k.mul(allRows(staged.pictures, staged.batched).end, rows * columns))
  }
  switch (spec.kind) {
    case 'map':
      emitMap(k, spec, range.begin, range.end, slice())
      break
    case 'reduce':
      if (byRows) emitReduce(k, spec, range.begin, range.end, slice())
      else if (spec.shape.length > 1) emitReduce(k, spec, k.int(0), k.int(spec.shape[0]!), k.int(0))
      else {
        k.loop(range.begin, range.end, 1, unit => {
          const first = k.let(k.mul(unit, MAP_UNIT))
          emitReduce(k, spec, first, k.let(k.imin(k.add(first, MAP_UNIT), spec.shape[0]!)), unit)
        })
      }
      break
    case 'combine':
      emitCombine(k, spec, range, SLICE_ROWS)
      break
    case 'matmul':
      emitMatmul(
        k,
        spec,
        byRows ? range : allRows(spec.rows, spec.batched),
        byRows ? allBlocks(k, spec.columns, 8) : range,
      )
      break
    case 'matmulInputGrad':
      emitMatmulInputGrad(
        k,
        spec,
        byRows ? range : allRows(spec.rows, spec.batched),
        byRows ? allBlocks(k, spec.inner, INPUT_PANEL) : range,
      )
      break
    case 'matmulWeightGrad':
      emitMatmulWeightGrad(k, spec, allRows(spec.rows, spec.batched).end, range)
      break
    case 'conv2d':
      emitConv2d(k, spec, range)
      break
    case 'conv2dInputGrad':
      emitConv2dInputGrad(k, spec, range)
      break
    case 'conv2dFilterGrad':
      if (byRows) {
        emitConv2dFilterGrad(
          k,
          spec,
          range,
          { begin: k.int(0), end: k.int(filterGradUnits(spec)) },
          k.let(k.mul(slice(), filterSize(spec.geometry))),
        )
      } else emitConv2dFilterGrad(k, spec, allRows(spec.rows, spec.batched), range, k.int(0))
      break
    case 'winogradFilter':
      emitWinogradFilter(k, spec, range)
      break
    case 'winogradConv':
      emitWinogradConv(k, spec, range)
      break
    case 'winogradTiles':
      emitWinogradTiles(k, spec, range)
      break
    case 'winogradProduct':
      emitWinogradProduct(k, spec, allTiles(spec), range)
      break
    case 'winogradOutput':
      emitWinogradOutput(k, spec, range)
      break
    case 'winogradFilterGrad':
      emitWinogradFilterGrad(k, spec, range, k.let(k.mul(slice(), filterSize(spec.geometry))))
      break
    case 'winogradFilterProduct':
      emitWinogradFilterProduct(k, spec, allTiles(spec), range)
      break
    case 'pack':
      emitPack(k, spec, range)
      break
    case 'pool':
      emitPool(k, spec, range)
      break
    case 'poolGrad':
      emitPoolGrad(k, spec, range, slice())
      break
    case 'rowwise':
      emitRowwise(
        k,
        spec,
        byRows ? { begin: k.let(k.mul(range.begin, spec.rows)), end: k.let(k.mul(range.end, spec.rows)) } : range,
      )
      break
    case 'moments':
      emitMoments(k, spec, range, slice())
      break
    case 'affineSample':
      emitAffineSample(k, spec, range)
      break
    case 'fill': {
      const size = spec.shape.slice(spec.batched ? 1 : 0).reduce((product, extent) => product * extent, 1)
      const rows = spec.batched ? range : { begin: k.int(0), end: k.int(1) }
      k.loop(rows.begin, rows.end, 1, row => {
        const start = k.let(elementAddress(k, spec.to, k.mul(row, size)))
        vectorLoop(k, size, (index, lanes) => k.store(k.add(start, k.mul(index, 4)), k.vec(spec.value), 0, lanes))
      })
    }
  }
  return k.finish()
}

/** Elements of a filter. */
function filterSize({ size, input, output, groups }: ConvGeometry): number {
  return size[0] * size[1] * (input.channels / groups) * output.channels
}

function allBlocks(k: KernelBuilder, extent: number, size: number): Range {
  return { begin: k.int(0), end: k.int(Math.ceil(extent / size)) }
}
