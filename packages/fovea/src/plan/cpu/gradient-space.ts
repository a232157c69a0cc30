/**
 * What kernels of gradients need besides their operands: bytes of thread-private memory, and the number of units their work is cut into.
 * Functions of shapes and the target.
 */
import type { Target } from '../target.ts'
import type { ConvGeometry, Spec } from '../types.ts'

type InputGrad = Extract<Spec, { kind: 'matmulInputGrad' }>
type WeightGrad = Extract<Spec, { kind: 'matmulWeightGrad' }>
type FilterGrad = Extract<Spec, { kind: 'conv2dFilterGrad' }>

/** Inputs of one unit of a dense input gradient: a row of the panel. */
export function inputPanel({ panelVectors, lanes }: Target): number {
  return panelVectors * lanes
}

/** Byte offsets of parts that follow one another, and the end. */
function inLine<Part extends string>(
  { cache }: Target,
  bytes: Readonly<Record<Part, number>>,
): Record<Part, number> & { end: number } {
  let end = 0
  const starts: Record<string, number> = {}
  for (const [part, size] of Object.entries<number>(bytes)) {
    starts[part] = end
    end += Math.ceil(size / cache.line) * cache.line
  }
  return { ...(starts as Record<Part, number>), end }
}

/** Thread-private memory of a dense input gradient: a panel of weights, lists of what is not zero in dy, their ends, sums. */
export function inputGradParts(target: Target, spec: InputGrad) {
  const { outputs } = target.dense
  const rows = Math.min(spec.rows, target.dense.rows)
  const lists = rows * Math.ceil(spec.columns / outputs)
  const panel = inputPanel(target)
  return inLine(target, {
    panel: outputs * panel * 4,
    lists: lists * outputs * 8,
    ends: lists * 4,
    sums: rows * panel * 4,
  })
}

/** Inputs and outputs of one unit: as many tiles as there must be, of nearly equal size, in whole panels and blocks. */
export function weightGradTile(target: Target, inner: number, columns: number): { inputs: number; outputs: number } {
  const even = (extent: number, multiple: number): number =>
    Math.ceil(extent / Math.ceil(extent / target.dense.tile) / multiple) * multiple
  return { inputs: even(inner, inputPanel(target)), outputs: even(columns, target.block) }
}

/** Units of a weight gradient: tiles of outputs × inputs. */
export function weightGradUnits(target: Target, inner: number, columns: number): number {
  const { inputs, outputs } = weightGradTile(target, inner, columns)
  return Math.ceil(columns / outputs) * Math.ceil(inner / inputs)
}

/** Thread-private memory of a dense weight gradient: a piece of x, lists of what is not zero in dy, their ends, sums. */
export function weightGradParts(target: Target, spec: WeightGrad) {
  const { tile, tileRows } = target.dense
  const lists = Math.ceil(spec.rows / tileRows) * tile
  return inLine(target, {
    panel: spec.rows * tile * 4,
    lists: lists * tileRows * 8,
    ends: lists * 4,
    sums: tile * tile * 4,
    sink: 4,
  })
}

/** Units: window row × group × filter block, so that small filters still give every thread work. */
export function filterGradUnits({ block }: Target, { geometry }: FilterGrad): number {
  return geometry.size[0] * geometry.groups * Math.ceil(geometry.output.channels / geometry.groups / block)
}

/** Most fours of sums of a piece: on every target, since pieces are added one after the other. */
const FOURS = 4

interface RunPiece {
  readonly first: number
  readonly run: number
  /** Numbers of a row of this piece as it is packed: whole vectors; and of those of all pieces before it. */
  readonly width: number
  readonly before: number
}

/**
 * A row of a filter as the scattering input gradient sees it: S · C numbers, cut into pieces of at most FOURS fours, as equal as can be.
 * Weights lie [piece][R][K][width of the piece].
 */
export function runPieces({ lanes }: Target, { size, input }: ConvGeometry): RunPiece[] {
  const all = size[1] * input.channels
  const fours = Math.ceil(all / 4)
  const count = Math.ceil(fours / FOURS)
  let before = 0
  return Array.from({ length: count }, (_, index) => {
    const [first, end] = [index, index + 1].map(piece => Math.floor((piece * fours) / count) * 4) as [number, number]
    const run = Math.min(all, end) - first
    const piece = { first, run, width: Math.ceil(run / lanes) * lanes, before }
    before += piece.width
    return piece
  })
}

/** Numbers of a filter packed in runs. */
export function runsSize(target: Target, geometry: ConvGeometry): number {
  const widths = runPieces(target, geometry).reduce((sum, { width }) => sum + width, 0)
  return geometry.size[0] * geometry.output.channels * widths
}

/**
 * Whether dx by scattering dy takes fewer vector operations than by gathering, which also multiplies the zeros around and between
 * dy's pixels and rounds C up to vectors, not S · C. Scattering adds each run to memory. Counted in vectors of four on every target: the
 * two add in another order.
 */
export function scatters({ size, input, output, dilation, groups }: ConvGeometry): boolean {
  if (groups > 1 || (dilation[1] > 1 && size[1] > 1)) return false
  const vectors = (floats: number): number => Math.ceil(floats / 4)
  const gathered = input.height * input.width * size[1] * output.channels * vectors(input.channels)
  const scattered = output.height * output.width * (output.channels + 1) * vectors(size[1] * input.channels)
  return scattered < 0.9 * gathered
}
