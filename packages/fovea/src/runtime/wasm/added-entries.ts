/**
 * Entries for a program that is there: beside its parts, or, where the states lie in an order that does not suit them, all planned anew.
 * Loaded when the first are added. In: graphs and the program's parts. Out: its parts from here on, their memory in place.
 */
import { planMore } from '../../plan/plan-more.ts'
import { control } from '../../targets/wasm/barrier.ts'
import { PAGE } from './memory.ts'
import { type Graphs, memoryOf, type Part, type PartOptions, pagesOf, partOf, planOptions, planPart } from './part.ts'
import type { Threads } from './threads.ts'

type States = Readonly<Record<string, Float32Array>>

/** Of the program: where its states are, and how they move. */
interface Place {
  readonly bytes: ArrayBufferLike
  readonly pool: Threads
  readStates(): Promise<States>
  readonly moveTo: Threads['moveTo']
}

interface Grown {
  readonly parts: readonly Part[]
  /** Of the states, to be written where they lie now; missing where they have moved along. */
  readonly values?: States
}

export async function withEntries(
  graphs: Graphs,
  parts: readonly Part[],
  settings: PartOptions,
  place: Place,
): Promise<Grown> {
  const { states: placed, statesEnd: start } = parts[0]!.plan
  const plan = await planMore(graphs, { ...planOptions(graphs, settings), start, placed })
  if (!plan) return plannedAnew({ ...Object.assign({}, ...parts.map(part => part.graphs)), ...graphs }, settings, place)
  const pages = pagesOf(plan, settings)
  if (pages * PAGE > place.bytes.byteLength) {
    const memory = await memoryOf(graphs, plan, settings)
    const held = new Uint8Array(place.bytes, control.end, plan.statesEnd - control.end)
    new Uint8Array(memory.buffer, control.end).set(held)
    await place.moveTo(memory, 'everything')
  }
  // In place of the parts that have no other entries.
  const others = parts.filter(part => Object.keys(part.graphs).some(name => !Object.hasOwn(graphs, name)))
  return { parts: [...others, partOf(graphs, plan, place.pool, settings)] }
}

/** All entries together, on a memory with all states in an order that suits every one. Code is made again when an entry runs. */
async function plannedAnew(graphs: Graphs, settings: PartOptions, place: Place): Promise<Grown> {
  const plan = await planPart(graphs, settings)
  const memory = await memoryOf(graphs, plan, settings)
  const values = await place.readStates()
  await place.moveTo(memory, 'nothing')
  return { parts: [partOf(graphs, plan, place.pool, settings)], values }
}
