/**
 * The measurement: for each piece of work (a recipe's training step, or a prediction) ours and the peers take turns, the calibration
 * among them. In: what takes part. Out: the document.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../packages/fovea/src/engine/engine.ts'
import { nodeHost } from '../packages/fovea/src/host/node/host.ts'
import { referenceDevice } from '../packages/fovea/src/runtime/reference.ts'
import { wasmDevice } from '../packages/fovea/src/runtime/wasm-device.ts'
import { calibrationLog } from './calibration-log.ts'
import { type Contestant, repeated } from './contestant.ts'
import type { BenchDocument, BenchResult } from './document.ts'
import { ownVersions, signature } from './machine.ts'
import type { Multiplications } from './multiplications.ts'
import type { BenchOptions } from './options.ts'
import { type Peer, startPeers } from './peers.ts'
import { interleave } from './rounds.ts'
import { geometricMean, least, median } from './statistics.ts'

/** How long it takes: milliseconds of a turn and of the pause before it. */
const usualPace = { warmUp: 3, rounds: 9, turn: 250, pause: 25 } as const

/** One of ours in a measurement. */
export interface Own extends Contestant {
  readonly threads: number
  readonly compileMs: number
  readonly codeBytes: number
  readonly memoryBytes: number
}

/** Something to be timed by all. */
export interface Work {
  readonly task: BenchResult['task']
  readonly recipe: string
  readonly batch: number
  /** Verified and ready, one for each number of threads. */
  start(): Promise<{ readonly own: readonly Own[]; readonly cost: Multiplications }>
  /** Throws when a peer that gives predictions computes something else. */
  checkPeer?(name: string, prediction: readonly number[]): void
}

export const host = nodeHost()
export const deviceOf = ({ device }: Pick<BenchOptions, 'device'>) =>
  device === 'wasm' ? wasmDevice(host) : referenceDevice()

/** Whose program has been compiled and has run. */
export function ownContestant(
  { device }: Pick<BenchOptions, 'device'>,
  engine: Engine,
  threads: number,
  work: (steps: number) => Promise<void>,
): Own {
  const { codeBytes, memoryBytes } = engine.info!
  const contestant = repeated(`${device} ${threads}`, host.now, work, () => engine.dispose())
  return { ...contestant, threads, compileMs: engine.compileSeconds * 1000, codeBytes, memoryBytes }
}

export async function measure(
  works: readonly Work[],
  options: BenchOptions,
  say: (text: string) => void,
  pace: { readonly [Name in keyof typeof usualPace]: number } = usualPace,
): Promise<BenchDocument> {
  const signed = signature()
  const most = options.threads.at(-1)!
  const peers = await startPeers(options.peers, process.env, say)
  const calibration = await calibrationLog(host, options.threads)
  const results: BenchResult[] = []
  try {
    for (const work of works) {
      say(`${work.task} ${work.recipe}, batch ${work.batch} …`)
      const { own, cost } = await work.start()
      const others = await openPeers(peers, work, most, say)
      const begin = calibration.rounds
      const times = await interleave([...own, ...others], {
        ...pace,
        pause: () => sleep(pace.pause),
        between: calibration.measure,
      })
      for (const contestant of own) {
        const limit = calibration.rate(contestant.threads, begin)
        const rivals = contestant.threads === most ? others : []
        results.push(resultOf(work, contestant, times, rivals, cost, limit, options.device))
      }
      for (const contestant of [...own, ...others]) await contestant.close()
    }
  } finally {
    for (const peer of peers) peer.end()
    await calibration.close()
  }
  return {
    ...signed,
    versions: { ...ownVersions(), ...Object.assign({}, ...peers.map(peer => peer.versions)) },
    ...calibration.found(),
    results,
    geometricMean: means(results),
  }
}

async function openPeers(peers: readonly Peer[], work: Work, threads: number, say: (text: string) => void) {
  const { task, recipe, batch } = work
  const open: Contestant[] = []
  for (const peer of peers) {
    const opened = await peer.open({ task, recipe, batch, threads }, say)
    if (!opened) continue
    if (opened.prediction) work.checkPeer?.(peer.name, opened.prediction)
    open.push(opened.contestant)
  }
  return open
}

function resultOf(
  { task, recipe, batch }: Work,
  own: Own,
  times: ReadonlyMap<Contestant, readonly number[]>,
  rivals: readonly Contestant[],
  { direct, done }: Multiplications,
  limit: number,
  device: string,
): BenchResult {
  const msPerStep = median(times.get(own)!)
  const peers = rivals.map(rival => {
    const theirs = times.get(rival)!
    const time = { msPerStep: median(theirs), leastMsPerStep: least(theirs), ratio: msPerStep / median(theirs) }
    const { about, memoryBytes } = rival
    return [rival.name, { ...time, ...(about && { about }), ...(memoryBytes && { memoryBytes }) }] as const
  })
  return {
    task,
    recipe,
    batch,
    device,
    threads: own.threads,
    msPerStep,
    leastMsPerStep: least(times.get(own)!),
    picturesPerSecond: (batch / msPerStep) * 1000,
    gflops: direct / msPerStep / 1e6,
    share: done / (msPerStep / 1000) / limit,
    compileMs: own.compileMs,
    codeBytes: own.codeBytes,
    memoryBytes: own.memoryBytes,
    peers: Object.fromEntries(peers),
  }
}

function means(results: readonly BenchResult[]): Record<string, number> {
  const names = [...new Set(results.flatMap(({ peers }) => Object.keys(peers)))]
  return Object.fromEntries(
    names.map(name => [name, geometricMean(results.flatMap(({ peers }) => peers[name]?.ratio ?? []))]),
  )
}
