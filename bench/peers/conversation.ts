/** The side of a peer written in TypeScript: answers the lines of bench/peers.ts. What libraries print goes to standard error. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stepsIn } from '../contestant.ts'
import type { PeerTask } from '../peers.ts'

export interface Opened {
  readonly about?: string
  readonly prediction?: readonly number[]
  step(): Promise<void> | void
  close?(): Promise<void> | void
}

/** Finds packages in the folder named by the first argument. */
export const requirePeer = createRequire(join(process.argv[2] ?? '.', 'package.json'))
/** Read from its folder: a package need not export its description. */
export function versionOf(name: string): string {
  const place = requirePeer.resolve(name)
  const folder = place.slice(0, place.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length)
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}

/** The peer's full name: `tfjs-wasm`. */
export const peerName = process.argv[3] ?? ''

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)
console.log = console.error

/** @param load gives the versions, or throws when the peer is not installed; @param open throws a text when it cannot. */
export async function converse(
  load: () => Promise<Record<string, string>>,
  open: (task: PeerTask) => Promise<Opened>,
): Promise<void> {
  try {
    say({ ready: await load() })
  } catch (error) {
    say({ missing: (error as Error).message.split('\n')[0] })
    return
  }
  let opened: Opened | undefined
  let last: number | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line) as { open?: PeerTask; run?: number }
    try {
      if (message.open) {
        last = undefined
        opened = await open(message.open)
        const { about, prediction } = opened
        say({ opened: { ...(about && { about }), ...(prediction && { prediction }) } })
      } else if (message.run !== undefined) {
        const steps = last === undefined ? 1 : stepsIn(message.run, last)
        const started = performance.now()
        for (let step = 0; step < steps; step++) await opened!.step()
        last = (performance.now() - started) / steps
        say({ ran: last })
      } else {
        await opened?.close?.()
        opened = undefined
        say({ closed: true })
      }
    } catch (error) {
      if (typeof error === 'string') say({ unable: error })
      else say({ error: String((error as Error).stack ?? error) })
    }
  }
}
