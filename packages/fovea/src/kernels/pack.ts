/** Rearranges a filter [taps, C, K] for the convolution kernels; small against the convolution itself. */

import { runPieces } from '../plan/cpu/gradient-space.ts'
import type { Packing, Spec } from '../plan/types.ts'
import { addressIn } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'

type Pack = Extract<Spec, { kind: 'pack' }>
type PackingOf<K extends Packing['kind']> = Extract<Packing, { readonly kind: K }>

export function emitPack(k: KernelBuilder, spec: Pack, units: Range): void {
  const { packing } = spec
  emitters[packing.kind](k, spec, packing as never, units)
}

/**
 * forward: group g, inner i = (tap, c), filter k → blocked. turned: outputs are the channels, inner (turned tap, filter).
 * Units are taps.
 */
function emitBlocks(k: KernelBuilder, spec: Pack, packing: PackingOf<'forward' | 'turned'>, units: Range): void {
  const { taps, channels, filters, groups } = packing
  const filtersOfGroup = filters / groups
  const turned = packing.kind === 'turned'
  const [outputs, inner] = turned ? [channels, taps * filtersOfGroup] : [filtersOfGroup, taps * channels]
  k.loop(units.begin, units.end, 1, tap => {
    k.loop(0, channels, 1, channel => {
      const source = k.plus(k.mul(tap, channels), channel)
      k.loop(0, groups, 1, group => {
        k.loop(0, filtersOfGroup, 1, filter => {
          const from =
            packing.kind === 'turned' && packing.from === 'blocked'
              ? blockedElement(k, source, filter, taps * channels, filtersOfGroup)
              : k.add(k.mul(source, filters), k.add(k.mul(group, filtersOfGroup), filter))
          const [output, position] = turned
            ? [channel, k.add(k.mul(k.sub(k.int(taps - 1), tap), filtersOfGroup), filter)]
            : [filter, source]
          const to = k.add(k.mul(group, inner * outputs), blockedElement(k, k.let(position), output, inner, outputs))
          k.store(addressIn(k, spec.to, to), k.load('f32', addressIn(k, spec.from, from)))
        })
      })
    })
  })
}

/** Units are rows of the filter. Lanes beyond a run are 0: their products are never used, but must not be slow. */
function emitRuns(k: KernelBuilder, spec: Pack, packing: PackingOf<'runs'>, units: Range): void {
  const { size, input, output } = packing.geometry
  const [row, filters] = [size[1] * input.channels, output.channels]
  k.loop(units.begin, units.end, 1, r => {
    k.loop(0, filters, 1, filter => {
      for (const { first, run, width, before } of runPieces(k.target, packing.geometry)) {
        const start = k.plus(k.mul(k.add(k.mul(r, filters), filter), width), before * size[0] * filters)
        k.loop(0, run, 1, j => {
          const inner = k.plus(k.mul(r, row), k.add(j, first))
          const from =
            packing.from === 'blocked'
              ? blockedElement(k, inner, filter, size[0] * row, filters)
              : k.add(k.mul(inner, filters), filter)
          k.store(addressIn(k, spec.to, k.add(start, j)), k.load('f32', addressIn(k, spec.from, from)))
        })
        k.loop(run, width, 1, j => k.store(addressIn(k, spec.to, k.add(start, j)), k.float(0)))
      }
    })
  })
}

const emitters: {
  readonly [K in Packing['kind']]: (k: KernelBuilder, spec: Pack, packing: PackingOf<K>, units: Range) => void
} = { forward: emitBlocks, turned: emitBlocks, runs: emitRuns }

/** Element of (inner, output) in [O/block][I][block], last block narrower. */
function blockedElement(k: KernelBuilder, inner: Value, output: Value, inners: number, outputs: number): Value {
  const first = k.let(k.sub(output, k.rem(output, k.block)))
  const width = k.let(k.imin(k.block, k.sub(k.int(outputs), first)))
  return k.add(k.mul(first, inners), k.add(k.mul(inner, width), k.sub(output, first)))
}
