/**
 * A model bound to its optimizer, losses, metrics and device: what fit, evaluate and predict work on. Its program is compiled when
 * first needed and again when a step needs what it lacks (another batch size, input type or entry); weights and optimizer
 * state are carried over. Between programs they are held here.
 */
import { UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import type { NumericArray } from '../base/shape.ts'
import { targetOf } from '../model/losses.ts'
import type { Model } from '../model/model.ts'
import { learningRateAt, type Optimizer } from '../optimizer/optimizer.ts'
import { type Objectives, planOutputs, reportedNames } from '../optimizer/plan-outputs.ts'
import { buildEntries, buildPredict, initialOptimizerState } from '../optimizer/step.ts'
import type { Device, Numerics, Program, ProgramInfo } from '../runtime/device.ts'
import { matchWeights, type NamedWeight } from '../store/model-file.ts'
import type { Rows, Slot } from './rows.ts'

/** How a model is to be trained: what `compile` was given. */
export interface TrainingSetup extends Objectives {
  readonly optimizer: Optimizer
}

/** What training needs to know of time and of pending events. */
export type Clock = Pick<Host, 'now' | 'yieldToEvents'>

export interface TrainerOptions {
  readonly model: Model
  /** Missing for a model that only predicts. */
  readonly setup?: TrainingSetup
  readonly device: Device
  readonly clock: Clock
  readonly threads?: number
  readonly numerics?: Numerics
  /** By weight name; other states (optimizer slots) may be among them. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>
}

export type Entry = 'train' | 'evaluate' | 'predict' | 'gradients'

/** What a call needs of the program. */
export interface ProgramNeed {
  readonly entry: Entry
  /** Rows a step must be able to take. */
  readonly batch: number
  /** Whether the program must be made for exactly that many (training) or may be made for more. */
  readonly exact?: boolean
  readonly rows: Rows
}

/** A program that has what was needed. */
export interface Compiled {
  readonly program: Program
  /** Rows that one of its steps can take. */
  readonly batch: number
  /** `loss`, `accuracy` …: the scalars that training and evaluation give, in order. */
  readonly logNames: readonly string[]
}

export interface Trainer {
  readonly model: Model
  readonly setup?: TrainingSetup
  readonly clock: Clock
  /** The form of every target, batch axis first as -1. */
  readonly targets: readonly Slot[]
  /** Training steps done so far; Keras's `optimizer.iterations`. */
  step: number
  /** The base learning rate of a step (from 1). Setting a number replaces the optimizer's; not possible with a schedule. */
  learningRate(step: number): number
  setLearningRate(value: number): void
  program(need: ProgramNeed): Promise<Compiled>
  /** Of the program in use; undefined before the first. */
  readonly info: ProgramInfo | undefined
  /** Wall time of all compilations so far. */
  readonly compileSeconds: number
  weights(): Promise<NamedWeight[]>
  setWeights(weights: readonly NamedWeight[], source?: string): Promise<void>
  /** Everything but the weights: optimizer slots. */
  slots(): Promise<Record<string, NumericArray>>
  writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void>
  dispose(): Promise<void>
}

interface Built extends Compiled {
  readonly inputTypes: readonly InputType[]
  /** Made for `fit`'s batch size: evaluation and prediction then use it as it is. */
  readonly forTraining: boolean
  readonly withGradients: boolean
  readonly stateNames: ReadonlySet<string>
}
type InputType = 'u8' | 'f32'

/** Entries that can walk samples in batches of any size. */
const passes: ReadonlySet<Entry> = new Set<Entry>(['evaluate', 'predict'])

export function createTrainer(options: TrainerOptions): Trainer {
  const { model, setup, device } = options
  let held: Record<string, ArrayLike<number>> = {
    ...(setup && initialOptimizerState(model, setup.optimizer)),
    ...options.weights,
  }
  let built: Built | undefined
  let compileSeconds = 0
  let rate: number | undefined
  let inputTypes: InputType[] = model.inputs.map(() => 'u8')
  const targets = (setup ? planOutputs(model, setup) : []).map(({ output, loss }) => {
    const { shape, dtype } = targetOf(loss, output.shape)
    return { name: `target:${output.name}`, shape: [-1, ...shape], dtype }
  })
  const weightNames = new Set(model.weights.map(weight => weight.name))

  async function program({ entry, batch, exact = false, rows }: ProgramNeed): Promise<Compiled> {
    if (entry !== 'predict' && !setup) throw notCompiled(entry)
    // A type only ever widens: bytes can be fed as floats without a difference, so callers may alternate.
    inputTypes = model.inputs.map(({ name }, index) =>
      rows.columns[name]?.data instanceof Uint8Array ? (built?.inputTypes[index] ?? 'u8') : 'f32',
    )
    const fits =
      built !== undefined &&
      (exact ? built.batch === batch : built.batch >= batch || (built.forTraining && passes.has(entry))) &&
      inputTypes.every((type, index) => type === built?.inputTypes[index]) &&
      (entry !== 'gradients' || built.withGradients)
    if (!fits) await compile(exact ? batch : Math.max(batch, built?.batch ?? 0), exact, entry === 'gradients')
    return built!
  }

  async function compile(batch: number, forTraining: boolean, withGradients: boolean): Promise<void> {
    await release()
    const entries = setup
      ? { ...buildEntries(model, { batch, inputTypes, ...setup, gradients: withGradients }) }
      : { ...buildPredict(model, { batch, inputTypes }) }
    const { threads, numerics } = options
    const program = await device.compile(entries, {
      ...(threads !== undefined && { threads }),
      ...(numerics !== undefined && { numerics }),
    })
    compileSeconds += program.info.compileSeconds
    const stateNames = new Set(
      Object.values(entries).flatMap(entry => entry.states.map(state => state.attributes.name)),
    )
    const logNames = setup ? reportedNames(model, setup) : []
    built = { program, batch, logNames, inputTypes, forTraining, withGradients, stateNames }
    await program.writeStates(Object.fromEntries(Object.entries(held).filter(([name]) => stateNames.has(name))))
  }

  /** Takes the states back from the program and ends it. */
  async function release(): Promise<void> {
    if (!built) return
    const { program } = built
    held = { ...held, ...(await program.readStates()) }
    built = undefined
    await program.dispose()
  }

  async function states(wanted: (name: string) => boolean): Promise<Record<string, ArrayLike<number>>> {
    const current = built
    const names = Object.keys(held).filter(wanted)
    const live = current ? names.filter(name => current.stateNames.has(name)) : []
    const read = current && live.length > 0 ? await current.program.readStates(live) : {}
    return Object.fromEntries(names.map(name => [name, read[name] ?? held[name]!]))
  }

  async function writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void> {
    const current = built
    held = { ...held, ...values }
    if (!current) return
    await current.program.writeStates(
      Object.fromEntries(Object.entries(values).filter(([name]) => current.stateNames.has(name))),
    )
  }

  return {
    model,
    ...(setup && { setup }),
    clock: options.clock,
    targets,
    step: 0,
    learningRate: step => rate ?? (setup ? learningRateAt(setup.optimizer, step) : 0),
    setLearningRate(value) {
      if (setup && typeof setup.optimizer.learningRate !== 'number') {
        throw new UserError({
          what: 'The learning rate cannot be set: the optimizer has a schedule for it',
          fix: 'give the optimizer a number, or leave out the callback that sets the rate',
        })
      }
      rate = value
    },
    program,
    get info() {
      return built?.program.info
    },
    get compileSeconds() {
      return compileSeconds
    },
    async weights() {
      const values = await states(name => weightNames.has(name))
      return model.weights.map(({ name, shape }) => ({ name, shape, data: Float32Array.from(values[name]!) }))
    },
    async setWeights(weights, source) {
      await writeStates(matchWeights(weights, model.weights, source))
    },
    async slots() {
      const values = await states(name => !weightNames.has(name))
      return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asArray(value)]))
    },
    writeStates,
    dispose: release,
  }
}

function asArray(values: ArrayLike<number>): NumericArray {
  return values instanceof Float32Array || values instanceof Float64Array ? values : Float32Array.from(values)
}

function notCompiled(entry: Entry): UserError {
  return new UserError({
    what: `The model cannot ${entry === 'gradients' ? 'compute gradients' : entry}: it has no loss and no optimizer`,
    expected: 'a compiled model',
    fix: "call compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']}) first",
  })
}
