/**
 * The sums of `shrink.ts` as kernels. Samples are bytes, channels side by side; a row of them is a line. In: some lines. Out: one line of
 * outputs, two doubles a vector. Both sums of a segment, Σ d and Σ (n − t)·d, are running sums: `once += d; twice += once`.
 */
import { KernelBuilder, type Variable } from '../kernels/builder.ts'
import type { Value } from '../kernels/ir.ts'
import { wasm128 } from '../plan/target.ts'
import { encodeModule } from '../targets/wasm/encode.ts'
import { emitFunction } from '../targets/wasm/function.ts'

/** Places of one segment across: first and end of its samples (int32), then the weights of `weightsOf`. */
export const segmentBytes = 80
/** Weights of a segment, each twice for two doubles: a and b of the output after it, a and b of the one before it. */
export const weightsBytes = 64
/** An output has four channels, whatever the picture has. */
export const outputBytes = 32

/** Vectors of samples that are added to at a time. */
const unrolled = 4

export interface ShrinkKernels {
  readonly memory: WebAssembly.Memory
  /** Adds `count` rows of `line` bytes to the sums down of each sample, int32: once at `once`, twice at `twice`. */
  addRows(rows: number, count: number, line: number, once: number, twice: number): void
  /**
   * What a segment down gives to the outputs of the rows before and after it. `done` becomes `open` and the former, `open` the latter.
   * Both begin with a place for the output before the first, which there is not. `step`: int32s of one pixel, in bytes.
   */
  readonly addSegment: AddSegment
  /** The same of segments whose sums do not fit 32 bits. */
  readonly addLargeSegment: AddSegment
}

type AddSegment = (
  once: number,
  twice: number,
  step: number,
  segments: number,
  segmentsEnd: number,
  down: number,
  open: number,
  done: number,
) => void

/** Compiled at once, in a millisecond, and kept: a picture is shrunk without waiting. */
export function shrinkKernels(): ShrinkKernels {
  const kernels = [addRows(), addSegment('addSegment', 'ivec'), addSegment('addLargeSegment', 'dvec')]
  const functions = kernels.map(kernel =>
    emitFunction(kernel, true, { functionIndex: () => 0, globalIndex: () => 0, contract: false }),
  )
  const limits = { initial: 1, maximum: 16_384 }
  const memory = new WebAssembly.Memory(limits)
  const bytes = encodeModule({ functions, globals: 0, memory: { pages: 1, mostPages: limits.maximum, shared: false } })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { fovea: { memory } })
  return { memory, ...(exports as unknown as Omit<ShrinkKernels, 'memory'>) }
}

function addRows() {
  const k = new KernelBuilder('addRows', ['rows', 'count', 'line', 'once', 'twice'], wasm128)
  const [rows, count, line] = [k.parameter('rows'), k.parameter('count'), k.parameter('line')]
  const vectors = Array.from({ length: unrolled }, (_, vector) => vector)
  k.loop(0, line, unrolled * k.lanes, column => {
    const place = (name: string) => k.let(k.add(k.parameter(name), k.mul(column, 4)))
    const places = [place('once'), place('twice')] as const
    const [once, twice] = places.map(at => vectors.map(each => k.variable(k.load('ivec', at, each * k.vectorBytes))))
    const from = k.variable(k.add(rows, column))
    k.loop(0, count, 1, () => {
      for (const each of vectors) {
        once![each]!.set(k.add(once![each]!.get, k.load('ivec', from.get, each * k.lanes, 'bytes')))
        twice![each]!.set(k.add(twice![each]!.get, once![each]!.get))
      }
      from.set(k.add(from.get, line))
    })
    for (const each of vectors) {
      k.store(places[0], once![each]!.get, each * k.vectorBytes)
      k.store(places[1], twice![each]!.get, each * k.vectorBytes)
    }
  })
  return k.finish()
}

/** Running sums across: of all four channels as integers, or of two as doubles. */
interface Sums {
  readonly once: Variable
  readonly twice: Variable
}

function addSegment(name: string, type: 'ivec' | 'dvec') {
  const parameters = ['once', 'twice', 'step', 'segments', 'segmentsEnd', 'down', 'open', 'done']
  const k = new KernelBuilder(name, parameters, wasm128)
  const [open, done] = [k.variable(k.parameter('open')), k.variable(k.parameter('done'))]
  const down = weightsAt(k, k.parameter('down'))
  const halves = [0, 1]
  const doubles = (integers: Value, half: number): Value =>
    k.widen(half === 0 ? integers : k.shuffle(integers, integers, [2, 3, 2, 3]))
  /** What the segment before gives to its next output, of the sums down once and twice. */
  const before = ['once', 'twice'].map(() => halves.map(() => k.variable(k.dvec(0))))
  k.loop(k.parameter('segments'), k.parameter('segmentsEnd'), segmentBytes, segment => {
    const zero = (): Variable => k.variable(type === 'ivec' ? k.ivec(0) : k.dvec(0))
    const made = type === 'ivec' ? [0] : halves
    const sums = before.map(() => made.map((): Sums => ({ once: zero(), twice: zero() })))
    k.loop(k.load('i32', segment), k.load('i32', segment, 4), k.parameter('step'), at => {
      for (const [place, name] of ['once', 'twice'].entries()) {
        const samples = k.let(k.load('ivec', k.add(k.parameter(name), at)))
        for (const [half, { once, twice }] of sums[place]!.entries()) {
          once.set(k.add(once.get, type === 'ivec' ? samples : doubles(samples, half)))
          twice.set(k.add(twice.get, once.get))
        }
      }
    })
    const across = weightsAt(k, k.let(k.add(segment, segmentBytes - weightsBytes)))
    for (const half of halves) {
      const [once, twice] = before.map((each, place) => {
        const own = sums[place]!
        const sum = (kind: keyof Sums): Value =>
          type === 'ivec' ? k.let(doubles(own[0]![kind].get, half)) : own[half]![kind].get
        const [first, second] = [sum('once'), sum('twice')]
        const output = k.let(k.add(each[half]!.get, across.ofBefore(first, second)))
        each[half]!.set(across.ofNext(first, second))
        return output
      })
      const offset = half * k.vectorBytes
      k.store(done.get, k.add(k.load('dvec', open.get, offset), down.ofBefore(once!, twice!)), offset)
      k.store(open.get, down.ofNext(once!, twice!), offset)
    }
    open.set(k.add(open.get, outputBytes))
    done.set(k.add(done.get, outputBytes))
  })
  return k.finish()
}

/** a · Σ d + b · Σ (n − t)·d, for the output after a segment and for the one before it. */
function weightsAt(k: KernelBuilder, place: Value) {
  const weighted = (at: number) => (once: Value, twice: Value) =>
    k.add(k.mul(k.load('dvec', place, at), once), k.mul(k.load('dvec', place, at + k.vectorBytes), twice))
  return { ofNext: weighted(0), ofBefore: weighted(2 * k.vectorBytes) }
}
