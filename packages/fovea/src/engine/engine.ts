/**
 * The engine of a model: it holds the states (weights, optimizer slots) and counts the steps that changed them, and it compiles an entry
 * when that is first asked for, each on its own, on one program that keeps the states in its memory. Between programs they are held here.
 * One call at a time: others wait, so that a prediction may be asked for while training runs.
 */
import type { Device, Numerics, Program, ProgramInfo } from '../runtime/device.ts'
import type { Entry, EntryMaker, InputTypes } from './entry.ts'

/** What a call needs of an entry. */
export interface EntryNeed {
  /** Rows of a step. */
  readonly batch: number
  /** `exact`: the entry takes that many rows, since the last bits of sums over a batch depend on it. `atLeast`: that many or more. */
  readonly match: 'exact' | 'atLeast'
  /** Bytes may be fed to an entry for floats without a difference. */
  readonly inputTypes: InputTypes
}

export interface EngineOptions {
  readonly device: Device
  readonly threads?: number | undefined
  readonly numerics?: Numerics | undefined
  /** First values of all states, by name. */
  readonly states: Readonly<States>
}

export type States = Record<string, ArrayLike<number>>

export interface Engine {
  /** Makes sure that the entry is there; gives the rows one of its steps can take. */
  prepare(maker: EntryMaker<unknown, unknown>, need: EntryNeed): Promise<number>
  /** `feed` fills step 0, 1 … of the run and gives the rows of each. */
  run<Slots, Results>(
    maker: EntryMaker<Slots, Results>,
    need: EntryNeed,
    steps: number,
    feed: (step: number, slots: Slots) => number | Promise<number>,
  ): Promise<Results[]>
  /** Steps done by entries that change states: Keras's `optimizer.iterations`. While a run is fed, those before it. */
  readonly step: number
  readStates(wanted: (name: string) => boolean): Promise<States>
  /** `step`: how many steps these states are the result of; the count stays where it is not said. */
  writeStates(values: Readonly<States>, step?: number): Promise<void>
  /** Of the program in use; undefined before the first. */
  readonly info: ProgramInfo | undefined
  /** Wall time of all compilations so far. */
  readonly compileSeconds: number
  /** Ends the program; a later call starts another one with the states as they are. */
  dispose(): Promise<void>
}

interface Compiled {
  readonly entry: Entry<unknown, unknown>
  readonly inputTypes: InputTypes
}

/** A program in use. */
interface Running {
  readonly program: Program
  readonly compiled: Map<string, Compiled>
  /** States that it has. */
  readonly stateNames: Set<string>
}

export function createEngine({ device, threads, numerics, states }: EngineOptions): Engine {
  const names = new Set(Object.keys(states))
  /** The states that no program has. */
  let held: States = { ...states }
  let running: Running | undefined
  let counted = 0
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

  async function ready(
    { name, make }: EntryMaker<unknown, unknown>,
    need: EntryNeed,
  ): Promise<Entry<unknown, unknown>> {
    const known = running?.compiled.get(name)
    if (known && suits(known, need)) return known.entry
    if (lost) throw lost
    const inputTypes = need.inputTypes.map((type, index) =>
      type === 'u8' ? (known?.inputTypes[index] ?? 'u8') : 'f32',
    )
    const batch = need.match === 'exact' ? need.batch : Math.max(need.batch, known?.entry.graph.batch ?? 0)
    const entry = make(batch, inputTypes)
    running = await withEntry(name, entry)
    running.compiled.set(name, { entry, inputTypes })
    return entry
  }

  /** The program with one more entry; its states come with their values. */
  async function withEntry(name: string, { graph }: Entry<unknown, unknown>): Promise<Running> {
    const entries = { [name]: graph }
    if (running) await running.program.add(entries)
    const now = running ?? {
      program: await device.compile(entries, {
        first: [name],
        ...(threads !== undefined && { threads }),
        ...(numerics !== undefined && { numerics }),
      }),
      compiled: new Map(),
      stateNames: new Set<string>(),
    }
    const added = new Set(graph.states.map(state => state.attributes.name).filter(state => !now.stateNames.has(state)))
    await now.program.writeStates(pick(held, state => added.has(state)))
    held = pick(held, state => !added.has(state))
    for (const state of added) now.stateNames.add(state)
    return now
  }

  /** Takes the states back from the program and ends it; a broken one gives none. */
  async function release(): Promise<void> {
    if (!running) return
    const { program } = running
    running = undefined
    pastSeconds += program.info.compileSeconds
    try {
      held = { ...held, ...(await program.readStates()) }
    } catch (error) {
      lost = error
    }
    await program.dispose()
  }

  return {
    prepare: (maker, need) => inTurn(async () => (await ready(maker, need)).graph.batch),
    run: (maker, need, steps, feed) =>
      inTurn(async () => {
        const entry = (await ready(maker, need)) as ReturnType<typeof maker.make>
        const { program } = running!
        let done = 0
        try {
          const outputs = await program.run(maker.name, steps, (index, raw) => {
            done = index
            return feed(index, entry.slots(raw))
          })
          done = steps
          return outputs.map(raw => entry.results(raw))
        } finally {
          // Of a run that could not be fed to its end, the steps before are done.
          if (entry.graph.updates.length > 0) counted += done
        }
      }),
    get step() {
      return counted
    },
    readStates: wanted =>
      inTurn(async () => {
        if (lost) throw lost
        const asked = [...names].filter(wanted)
        const live = asked.filter(name => running?.stateNames.has(name))
        const read = running && live.length > 0 ? await running.program.readStates(live) : {}
        return Object.fromEntries(asked.map(name => [name, read[name] ?? held[name]!]))
      }),
    writeStates: (values, step) =>
      inTurn(async () => {
        counted = step ?? counted
        const isLive = (name: string): boolean => running?.stateNames.has(name) ?? false
        for (const name of Object.keys(values)) names.add(name)
        held = { ...held, ...pick(values, name => !isLive(name)) }
        await running?.program.writeStates(pick(values, isLive))
      }),
    get info() {
      return running?.program.info
    },
    get compileSeconds() {
      return pastSeconds + (running?.program.info.compileSeconds ?? 0)
    },
    dispose: () => inTurn(release),
  }
}

function suits({ entry, inputTypes }: Compiled, need: EntryNeed): boolean {
  const { batch } = entry.graph
  return (
    (need.match === 'exact' ? batch === need.batch : batch >= need.batch) &&
    need.inputTypes.every((type, index) => type === 'u8' || inputTypes[index] === 'f32')
  )
}

function pick(states: Readonly<States>, wanted: (name: string) => boolean): States {
  return Object.fromEntries(Object.entries(states).filter(([name]) => wanted(name)))
}
