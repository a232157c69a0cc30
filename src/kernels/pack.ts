/** Rearranges a filter [taps, C, K] for the convolution kernels; small against the convolution itself. */
import { BLOCK, type Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'

type Pack = Extract<Spec, { kind: 'pack' }>

/**
 * forward: group g, inner i = (tap, c), filter k → blocked. turned: outputs are the channels, inner (turned tap, filter).
 * Units are taps.
 */
export function emitPack(k: KernelBuilder, spec: Pack, units: Range): void {
  const { taps, channels, filters, groups } = spec.packing
  const filtersOfGroup = filters / groups
  const at = (buffer: Pack['from'], element: Value): Value =>
    k.let(elementAddress(k, { buffer, offset: 0, strides: [] }, element))
  const turned = spec.packing.kind === 'turned'
  const [outputs, inner] = turned ? [channels, taps * filtersOfGroup] : [filtersOfGroup, taps * channels]
  k.loop(units.begin, units.end, 1, tap => {
    k.loop(0, channels, 1, channel => {
      const source = k.let(k.add(k.mul(tap, channels), channel))
      k.loop(0, groups, 1, group => {
        k.loop(0, filtersOfGroup, 1, filter => {
          const from =
            spec.packing.kind === 'turned' && spec.packing.from === 'blocked'
              ? blockedElement(k, source, filter, taps * channels, filtersOfGroup)
              : k.add(k.mul(source, filters), k.add(k.mul(group, filtersOfGroup), filter))
          const [output, position] = turned
            ? [channel, k.add(k.mul(k.sub(k.int(taps - 1), tap), filtersOfGroup), filter)]
            : [filter, source]
          const to = k.add(k.mul(group, inner * outputs), blockedElement(k, k.let(position), output, inner, outputs))
          k.store(at(spec.to, to), k.load('f32', at(spec.from, from)))
        })
      })
    })
  })
}

/** Element of (inner, output) in [O/8][I][8], last block narrower. */
function blockedElement(k: KernelBuilder, inner: Value, output: Value, inners: number, outputs: number): Value {
  const first = k.let(k.sub(output, k.rem(output, BLOCK)))
  const width = k.let(k.imin(BLOCK, k.sub(k.int(outputs), first)))
  return k.add(k.mul(first, inners), k.add(k.mul(inner, width), k.sub(output, first)))
}
