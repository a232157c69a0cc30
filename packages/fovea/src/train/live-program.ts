/**
 * The program of a model while it is in use: compiled when first needed and again when a step needs what it lacks (another batch
 * size, input type or entry). States (weights, optimizer slots) are carried over; between programs they are held here.
 * One call at a time: others wait, so that a prediction may be asked for while training runs.
 */
import type { Model } from '../network/model.ts'
import type { Objectives } from '../objectives/plan-outputs.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import { buildEntries, buildPredict } from '../optimizer/step.ts'
import type { Device, Feed, Numerics, Program, ProgramInfo, StepOutputs } from '../runtime/device.ts'
import type { Rows } from './rows.ts'

/** How a model is to be trained: what `compile` was given. */
export interface TrainingSetup extends Objectives {
  readonly optimizer: Optimizer
}

export type Entry = 'train' | 'evaluate' | 'predict' | 'gradients'

/** What a program is compiled for: training comes with its evaluation. */
type Use = 'training' | 'predict' | 'gradients'
const useOf: { readonly [E in Entry]: Use } = {
  train: 'training',
  evaluate: 'training',
  predict: 'predict',
  gradients: 'gradients',
}

/** What a call needs of the program. */
export interface ProgramNeed {
  readonly entry: Entry
  /** Rows a step is to take. */
  readonly batch: number
  /**
   * `exact`: the program is made for that many rows (training). `atLeast`: for that many or more. `any`: one made for training
   * is taken whatever its size (walking samples in batches, where the size does not matter).
   */
  readonly match: 'exact' | 'atLeast' | 'any'
  /** Only the types of their inputs matter. */
  readonly rows: Rows
}

type InputType = 'u8' | 'f32'

interface Built {
  readonly program: Program
  readonly batch: number
  readonly inputTypes: readonly InputType[]
  readonly forTraining: boolean
  readonly uses: ReadonlySet<Use>
  readonly stateNames: ReadonlySet<string>
}

export interface LiveProgramOptions {
  readonly model: Model
  readonly setup?: TrainingSetup
  readonly device: Device
  readonly threads?: number
  readonly numerics?: Numerics
  /** First values of all states, by name. */
  readonly states: Readonly<Record<string, ArrayLike<number>>>
}

export type States = Record<string, ArrayLike<number>>

export interface LiveProgram {
  /** Makes sure that the program has what is needed; gives the rows one of its steps can take. */
  prepare(need: ProgramNeed): Promise<number>
  run(need: ProgramNeed, steps: number, feed: Feed): Promise<StepOutputs[]>
  readStates(wanted: (name: string) => boolean): Promise<States>
  writeStates(values: Readonly<States>): Promise<void>
  /** Of the program in use; undefined before the first. */
  readonly info: ProgramInfo | undefined
  /** Wall time of all compilations so far. */
  readonly compileSeconds: number
  dispose(): Promise<void>
}

export function liveProgram(options: LiveProgramOptions): LiveProgram {
  const { model, setup, device, threads, numerics } = options
  let held: States = { ...options.states }
  let built: Built | undefined
  /** Compilations of programs that are gone. */
  let pastSeconds = 0
  let last: Promise<unknown> = Promise.resolve()
  /** Why the states are lost: a run failed in the middle of a step. */
  let lost: unknown

  /** Runs after everything asked for before, whether that went well or not. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work)
    last = turn.catch(() => {})
    return turn
  }

  async function programFor({ entry, batch, match, rows }: ProgramNeed): Promise<Built> {
    // A type only ever widens: bytes can be fed as floats without a difference, so callers may alternate.
    const inputTypes = model.inputs.map(({ name }, index) =>
      rows.pictures?.input === name || rows.columns[name]?.data instanceof Uint8Array
        ? (built?.inputTypes[index] ?? 'u8')
        : 'f32',
    )
    const suits =
      built !== undefined &&
      (match === 'exact' ? built.batch === batch : built.batch >= batch || (match === 'any' && built.forTraining)) &&
      inputTypes.every((type, index) => type === built?.inputTypes[index]) &&
      built.uses.has(useOf[entry])
    if (built && suits) return built
    const exact = match === 'exact'
    const forTraining = exact || (built?.forTraining ?? false)
    const rowCount = exact ? batch : Math.max(match === 'any' && forTraining ? 0 : batch, built?.batch ?? 0)
    return compile(entry, rowCount, inputTypes, forTraining, new Set([...(built?.uses ?? []), useOf[entry]]))
  }

  async function compile(
    first: string,
    batch: number,
    inputTypes: readonly InputType[],
    forTraining: boolean,
    uses: ReadonlySet<Use>,
  ): Promise<Built> {
    await release()
    if (lost) throw lost
    const entries = entriesFor(uses, batch, inputTypes)
    const program = await device.compile(entries, {
      first: [first],
      ...(threads !== undefined && { threads }),
      ...(numerics !== undefined && { numerics }),
    })
    const graphs = Object.values(entries)
    const stateNames = new Set(graphs.flatMap(graph => graph.states.map(state => state.attributes.name)))
    await program.writeStates(pick(held, name => stateNames.has(name)))
    built = { program, batch, inputTypes, forTraining, uses, stateNames }
    return built
  }

  /** Only what was asked for so far: code that is never run costs start-up and memory. */
  function entriesFor(uses: ReadonlySet<Use>, batch: number, inputTypes: readonly InputType[]) {
    const options = { batch, inputTypes }
    const trained = setup && (uses.has('training') || uses.has('gradients'))
    const { train, evaluate, gradients } = trained
      ? buildEntries(model, { ...options, ...setup, gradients: uses.has('gradients') })
      : {}
    return {
      ...(uses.has('training') && train && evaluate && { train, evaluate }),
      ...(gradients && { gradients }),
      ...(uses.has('predict') && buildPredict(model, options)),
    }
  }

  /** Takes the states back from the program and ends it; a broken one gives none. */
  async function release(): Promise<void> {
    if (!built) return
    const { program } = built
    built = undefined
    pastSeconds += program.info.compileSeconds
    try {
      held = { ...held, ...(await program.readStates()) }
    } catch (error) {
      lost = error
    }
    await program.dispose()
  }

  return {
    prepare: need => inTurn(async () => (await programFor(need)).batch),
    run: (need, steps, feed) => inTurn(async () => (await programFor(need)).program.run(need.entry, steps, feed)),
    readStates: wanted =>
      inTurn(async () => {
        if (lost) throw lost
        const names = Object.keys(held).filter(wanted)
        const live = names.filter(name => built?.stateNames.has(name))
        const read = built && live.length > 0 ? await built.program.readStates(live) : {}
        return Object.fromEntries(names.map(name => [name, read[name] ?? held[name]!]))
      }),
    writeStates: values =>
      inTurn(async () => {
        held = { ...held, ...values }
        await built?.program.writeStates(pick(values, name => built?.stateNames.has(name) ?? false))
      }),
    get info() {
      return built?.program.info
    },
    get compileSeconds() {
      return pastSeconds + (built?.program.info.compileSeconds ?? 0)
    },
    dispose: () => inTurn(release),
  }
}

function pick(states: Readonly<States>, wanted: (name: string) => boolean): States {
  return Object.fromEntries(Object.entries(states).filter(([name]) => wanted(name)))
}
