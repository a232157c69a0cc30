/**
 * A device compiles step graphs and replays them. Promises every device keeps:
 *
 * - `compile` takes entries of a model (training step, evaluation, prediction), `add` brings more: states are shared by name and
 *   live as long as the program. While entries run no memory is allocated for numbers; `dispose` gives everything back.
 * - A run is a number of steps of one entry. For each step the host fills the entry's inputs (rows beyond the returned n are
 *   ignored) and gets its outputs. Updates of a step are visible to the next one.
 * - Weights cross the border in Keras layout, whatever the device keeps inside.
 * - Same graph, states and inputs: same bits, on every run and any number of threads (numerics 'reproducible').
 * - A step whose inputs cannot be filled rejects the run, and the steps before it are done. A step that fails itself rejects the run too:
 *   then the states keep the value of the last complete step or the program says it is broken.
 */
import type { NumericArray } from '../base/shape.ts'
import type { StepGraph } from '../graph/node.ts'

/**
 * `reproducible`: the same bits on every machine. `fast`: multiply and add may be contracted, where the engine can.
 */
export type Numerics = 'reproducible' | 'fast'

export interface CompileSettings {
  /** Compute threads; as many as the host has cores by default, 1 where memory cannot be shared. */
  readonly threads?: number | undefined
  readonly numerics?: Numerics | undefined
  /** Entries that will run next; code for the others may wait until they run. All by default. */
  readonly first?: readonly string[] | undefined
  /**
   * Forces the algorithm of every convolution it applies to (Winograd F(m×m, 3×3): 3×3 filters, stride 1, no dilation, one group);
   * 'auto', the default, goes by the layer's shape. For tests, tuning and finding faults.
   */
  readonly algorithm?: 'auto' | 'direct' | 'winograd2' | 'winograd4' | undefined
}

/** What was compiled: on which device, with how many threads and how much memory. */
export interface ProgramInfo {
  readonly device: string
  readonly threads: number
  /** Wall time of plan, code and engine together, so far. */
  readonly compileSeconds: number
  /** Bytes of the device memory: weights, optimizer state, activations, feeds. */
  readonly memoryBytes: number
  /** Size of the code generated so far; 0 where there is none. */
  readonly codeBytes: number
}

/** One array per input name, of the input's static shape, to be filled. (The reference device gives Float64Array for floats.) */
export type FeedSlots = Readonly<Record<string, NumericArray>>
/**
 * Fills the inputs of step `step` (0 … steps − 1) and returns n, its number of real rows: at once, or as a promise where they must be
 * fetched first. The next step is asked for when this one is filled.
 */
export type Feed = (step: number, slots: FeedSlots) => number | Promise<number>
/** Outputs by name; batched ones hold n rows. */
export type StepOutputs = Readonly<Record<string, Float32Array | Float64Array>>

/** The steps of one model, compiled, with the memory of its weights. */
export interface Program {
  readonly info: ProgramInfo
  /**
   * Adds entries, in place of those of the same names. States keep their values, new ones are 0. What is there is not compiled again,
   * unless the new entries have states that are not there yet or need them in another order.
   */
  add(entries: Readonly<Record<string, StepGraph>>): Promise<void>
  /** Runs `steps` steps of an entry, in order. */
  run(entry: string, steps: number, feed: Feed): Promise<StepOutputs[]>
  /** The named states, or all. */
  readStates(names?: readonly string[]): Promise<Record<string, Float32Array | Float64Array>>
  writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void>
  dispose(): Promise<void>
}

/** What compiles the steps of a model and runs them. */
export interface Device {
  readonly name: string
  compile(entries: Readonly<Record<string, StepGraph>>, options?: CompileSettings): Promise<Program>
}
