/** What one call of a kernel does, for those who write its code: rows of one slice, or units, with the whole batch. */
import type { ConvGeometry, Cut, KernelKind, SpecOf, TileSize } from '../plan/types.ts'
import { tilingOf } from '../plan/winograd.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'

export interface KernelPart {
  readonly range: Range
  readonly byRows: boolean
}
/** Writes the code of a kernel of one kind. */
export type Emitter<K extends KernelKind> = (k: KernelBuilder, spec: SpecOf<K>, part: KernelPart) => void
/** Those of some kinds, in one file. */
export type Emitters<K extends KernelKind = KernelKind> = { readonly [E in K]: Emitter<E> }

export function allRows(k: KernelBuilder, count: number, batched: boolean): Range {
  return { begin: k.int(0), end: batched ? k.let(k.global('rows')) : k.int(count) }
}

/** The pictures of a call and its part of whatever else they are cut into; everything of what they are not. */
export function rangesOf(
  k: KernelBuilder,
  { range, byRows }: KernelPart,
  cut: Cut,
  counts: Readonly<Partial<Record<Cut, number>>>,
): Record<Cut, Range> {
  const all = (kind: Cut): Range => (kind === cut ? range : { begin: k.int(0), end: k.int(counts[kind] ?? 0) })
  const pictures = byRows || cut === 'pictures' ? range : allRows(k, 0, true)
  return { pictures, lines: all('lines'), tiles: all('tiles'), blocks: all('blocks') }
}

export function allBlocks(k: KernelBuilder, extent: number, size: number): Range {
  return { begin: k.int(0), end: k.int(Math.ceil(extent / size)) }
}

/** Tiles of the whole batch. */
export function allTiles(
  k: KernelBuilder,
  staged: { geometry: ConvGeometry; size: TileSize; pictures: number; batched: boolean },
): Value {
  const { rows, columns } = tilingOf(staged.geometry, staged.size, 'input')
  return k.times(allRows(k, staged.pictures, staged.batched).end, rows * columns)
}
