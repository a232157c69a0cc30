/** The worker's side of a program: one call after the other goes to a program of the worker's own device. */
import type { Device, Program, StepOutputs } from '../device.ts'
import { type FeedLayout, feedLayout, slotsIn } from './feed-buffer.ts'
import { type FlatGraphs, stepGraphOf } from './graph-message.ts'
import { sentError, type WorkerAnswer, type WorkerCall } from './messages.ts'

type Send = (answer: WorkerAnswer, transfer: readonly ArrayBufferLike[]) => void

/** Gives what takes the calls. */
export function programServer(device: Device, send: Send): (call: WorkerCall) => void {
  const layouts = new Map<string, FeedLayout>()
  let program: Program | undefined
  let last: Promise<void> = Promise.resolve()

  function received(graphs: FlatGraphs) {
    const entries = Object.fromEntries(Object.entries(graphs).map(([name, graph]) => [name, stepGraphOf(graph)]))
    for (const [name, graph] of Object.entries(entries)) layouts.set(name, feedLayout(graph))
    return entries
  }

  async function answer(call: WorkerCall): Promise<WorkerAnswer> {
    if ('compile' in call) program = await device.compile(received(call.compile), call.options)
    else if ('add' in call) await program!.add(received(call.add))
    else if ('write' in call) await program!.writeStates(call.write)
    else if ('read' in call) return { states: await program!.readStates(call.read) }
    else return { outputs: await run(call), feeds: call.feeds }
    return {}
  }

  function run({ run: entry, rows, feeds }: Extract<WorkerCall, { run: string }>): Promise<StepOutputs[]> {
    const layout = layouts.get(entry)!
    return program!.run(entry, rows.length, (step, slots) => {
      for (const [name, values] of Object.entries(slotsIn(feeds, layout, step))) slots[name]!.set(values)
      return rows[step]!
    })
  }

  return call => {
    last = last
      .then(() => answer(call))
      .catch(error => ({ error: sentError(error) }))
      .then(result => send({ ...result, info: program?.info }, buffersOf(result)))
  }
}

/** All of them were made for this answer. */
function buffersOf({ outputs = [], states, feeds }: WorkerAnswer): ArrayBufferLike[] {
  const records = [...outputs, ...(states ? [states] : [])]
  const arrays = records.flatMap(record => Object.values(record))
  return [...new Set([...arrays.map(({ buffer }) => buffer), ...(feeds ? [feeds] : [])])]
}
