/** Kernels of sums and statistics, and of numbers that only move. */
import { MAP_UNIT } from '../plan/axes.ts'
import { SLICE_ROWS } from '../plan/types.ts'
import { emitAffineSample } from './affine.ts'
import { emitFill } from './fill.ts'
import { emitPack } from './pack.ts'
import type { Emitters } from './part.ts'
import { emitReduce } from './reduce.ts'
import { emitRowwise } from './rowwise.ts'
import { sliceOf } from './section.ts'
import { emitCombine, emitMoments } from './statistics.ts'

export const rarerEmitters: Emitters<'reduce' | 'combine' | 'moments' | 'pack' | 'affineSample' | 'fill' | 'rowwise'> =
  {
    reduce(k, spec, { range, byRows }) {
      if (byRows) emitReduce(k, spec, range.begin, range.end, sliceOf(k, range))
      else if (spec.shape.length > 1) emitReduce(k, spec, k.int(0), k.int(spec.shape[0]!), k.int(0))
      else {
        k.loop(range.begin, range.end, 1, unit => {
          const first = k.times(unit, MAP_UNIT)
          emitReduce(k, spec, first, k.let(k.imin(k.add(first, MAP_UNIT), spec.shape[0]!)), unit)
        })
      }
    },
    combine: (k, spec, { range }) => emitCombine(k, spec, range, SLICE_ROWS),
    moments: (k, spec, { range }) => emitMoments(k, spec, range, sliceOf(k, range)),
    pack: (k, spec, { range }) => emitPack(k, spec, range),
    affineSample: (k, spec, { range }) => emitAffineSample(k, spec, range),
    rowwise: emitRowwise,
    fill: (k, spec, { range }) => emitFill(k, spec, range),
  }
