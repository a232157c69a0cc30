/**
 * A peer is a process that lives as long as the measurement and answers one line of JSON with one:
 *
 *     (started)                                          {"ready": {"torch": "2.13.0"}}: its versions, or {"missing": why}
 *     {"open": {task, recipe, batch, threads}}           {"opened": {"about": "channels_last"}}, or {"unable": why}
 *     {"run": milliseconds}                              {"ran": milliseconds a step}
 *     {"close": true}                                    {"closed": true}
 *
 * so that its turns interleave with ours. Anything else it prints goes to standard error and is shown when it fails.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { UserError } from '../packages/fovea/src/base/errors.ts'
import { isJsonRecord, type JsonRecord } from '../packages/fovea/src/base/json.ts'
import type { Contestant } from './contestant.ts'
import { root } from './machine.ts'
import { type PeerName, peerInfos } from './peer-names.ts'

export interface PeerTask {
  readonly task: 'train' | 'predict'
  readonly recipe: string
  readonly batch: number
  readonly threads: number
}

export interface Opened {
  readonly contestant: Contestant
  /** Our zoo's network with weights of seed 1 on the first picture: its prediction, where the peer can load it. */
  readonly prediction?: readonly number[]
}

export interface Peer {
  readonly name: string
  readonly versions: Readonly<Record<string, string>>
  /** Undefined, with the reason said, where the peer cannot do it. */
  open(task: PeerTask, say: (text: string) => void): Promise<Opened | undefined>
  end(): void
}

const patience = 300_000

/** Starts the process. Throws UserError when it is not installed. */
export async function startPeer(name: string, command: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const line = conversation(child, name)
  const first = await line(undefined)
  if (typeof first['missing'] === 'string') {
    child.kill()
    throw new UserError({ what: `${name} cannot run here`, received: first['missing'] })
  }
  const ask = async (message: JsonRecord): Promise<JsonRecord> => line(message)
  return {
    name,
    versions: first['ready'] as Record<string, string>,
    async open(task, say) {
      const reply = await ask({ open: { ...task } })
      if (typeof reply['unable'] === 'string') {
        say(`${name}: ${task.recipe} left out, ${reply['unable']}`)
        return undefined
      }
      const { about, memoryBytes, prediction } = reply['opened'] as {
        about?: string
        memoryBytes?: number
        prediction?: number[]
      }
      return {
        contestant: {
          name,
          ...(about && { about }),
          ...(memoryBytes !== undefined && { memoryBytes }),
          run: async ms => Number((await ask({ run: ms }))['ran']),
          close: async () => void (await ask({ close: true })),
        },
        ...(prediction && { prediction }),
      }
    },
    end: () => void child.kill(),
  }
}

/** Sends a message (none before the first line) and gives the next line that comes. */
function conversation(child: ChildProcess, name: string): (message: JsonRecord | undefined) => Promise<JsonRecord> {
  let complaints = ''
  let waiting: { resolve: (reply: JsonRecord) => void; reject: (error: Error) => void } | undefined
  let over: Error | undefined
  const fail = (why: string): void => {
    over ??= new UserError({ what: `${name} failed: ${why}`, received: complaints.trim().slice(-2000) || 'no message' })
    waiting?.reject(over)
  }
  child.stderr!.on('data', chunk => {
    complaints = (complaints + String(chunk)).slice(-10_000)
  })
  child.on('error', error => fail(error.message))
  child.on('close', code => fail(`its process ended with code ${code}`))
  child.stdin!.on('error', error => fail(error.message))
  createInterface({ input: child.stdout! }).on('line', text => {
    const reply = parsed(text)
    if (!reply) return
    if (typeof reply['error'] === 'string') fail(reply['error'])
    else waiting?.resolve(reply)
  })
  return message =>
    new Promise((resolve, reject) => {
      if (over) return reject(over)
      const timer = setTimeout(() => fail(`no answer for ${patience / 1000} s`), patience)
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer)
          waiting = undefined
          settle(value)
        }
      waiting = { resolve: done(resolve), reject: done(reject) }
      if (message) child.stdin!.write(`${JSON.stringify(message)}\n`)
    })
}

/** Undefined for lines that are none of the conversation. */
function parsed(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The peers that are installed; of each other one, how to install it is said. Several Pythons may be named, as in PATH. */
export async function startPeers(
  names: readonly PeerName[],
  env: Readonly<Record<string, string | undefined>>,
  say: (text: string) => void,
): Promise<Peer[]> {
  const started: Peer[] = []
  for (const name of names) {
    const { needs, packages, title } = peerInfos[name]
    const variable = needs === 'python' ? 'FOVEA_PEER_PYTHON' : 'FOVEA_PEER_MODULES'
    const places = (env[variable] ?? '').split(delimiter).filter(place => place !== '')
    let found: Peer | undefined
    const reasons: string[] = []
    for (const place of places) {
      const [command, args] = commandOf(name, place)
      try {
        found = await startPeer(name, command, args)
        break
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        reasons.push(error.problems.map(({ received, what }) => received ?? what).join(' '))
      }
    }
    if (found) started.push(found)
    else say(`${title} is left out: ${hint(needs, variable, packages)}${reasons.map(why => ` (${why})`).join('')}`)
  }
  return started
}

function hint(needs: 'python' | 'modules', variable: string, packages: string): string {
  return needs === 'python'
    ? `set ${variable} to a Python with it (python3 -m venv peers && peers/bin/pip install ${packages})`
    : `set ${variable} to a folder with it (npm install --prefix peers --ignore-scripts ${packages}, then the path of peers)`
}

/** Python programs lie in the sources, those in TypeScript are compiled beside this file. */
function commandOf(name: PeerName, place: string): [string, string[]] {
  if (peerInfos[name].needs === 'modules') {
    return [process.execPath, [join(import.meta.dirname, `peers/${name.split('-')[0]}.js`), place, name]]
  }
  return [place, [join(root, `bench/peers/${name}.py`)]]
}
