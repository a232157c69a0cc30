/**
 * The models of a server, while their files come and go. Of every model the newest version is in memory, and those that have labels. A new one is
 * loaded and asked once before requests get it; the one before stays until the last request that holds it is answered. One that cannot be
 * loaded is told, and the newest that can be takes its place.
 */
import { setTimeout as later } from 'node:timers/promises'
import {
  type Catalogue,
  type Lease,
  Refusal,
  type Servable,
  type ServedVersion,
  type VersionState,
} from '../serving/contract.ts'
import { unknownModel } from '../serving/fixed-catalogue.ts'
import { type FoundVersion, labelsAt, versionsAt } from './model-places.ts'

/** A model in memory. */
export interface LoadedModel {
  readonly servable: Servable
  dispose(): Promise<void>
}

export interface LiveCatalogueOptions {
  /** Paths by the names of the models. */
  readonly models: Readonly<Record<string, string>>
  /** Reads a model and makes it ready to answer. */
  load(path: string): Promise<LoadedModel>
  /** Milliseconds between two looks at the disk; 0: it is looked at once. */
  readonly pollEvery: number
  /** Told in a sentence. */
  say(line: string): void
}

export interface LiveCatalogue extends Catalogue {
  /** Looks at the disk now; resolves when all that was found is loaded. */
  look(): Promise<void>
  close(): Promise<void>
}

interface Entry {
  readonly found: FoundVersion
  state: VersionState
  error?: string
  loaded?: LoadedModel
  /** Requests that hold it. */
  held: number
  isGone: boolean
}

const isSame = (a: FoundVersion, b: FoundVersion): boolean => a.version === b.version && a.sign === b.sign

interface Served {
  readonly path: string
  entries: Entry[]
  labels: Readonly<Record<string, string>>
  /** What was found to be wrong with the place. */
  fault?: string
}

export function liveCatalogue({ models, load, pollEvery, say }: LiveCatalogueOptions): LiveCatalogue {
  const all = new Map<string, Served>(
    Object.entries(models).map(([name, path]) => [name, { path, entries: [], labels: {} }]),
  )
  const names = [...all.keys()].sort()
  const ended = new AbortController()
  let looking: Promise<void> = Promise.resolve()

  async function lookAt(name: string, served: Served): Promise<void> {
    let found: FoundVersion[]
    try {
      found = await versionsAt(served.path)
      served.labels = await labelsAt(served.path)
      delete served.fault
    } catch (error) {
      const { message } = error as Error
      if (served.fault !== message) say(`${name}: ${message}`)
      served.fault = message
      return
    }
    const labelled = new Set(Object.values(served.labels))
    const entryOf = (version: FoundVersion) => served.entries.find(({ found: each }) => isSame(each, version))
    const isThere = (version: FoundVersion | undefined): boolean =>
      version !== undefined && entryOf(version)?.state === 'AVAILABLE'
    const wanted: FoundVersion[] = []
    for (const each of found) {
      // The newest that can be loaded: after a start, too, a damaged one does not keep the one before from being asked.
      if (wanted.some(isThere) && !labelled.has(each.version)) continue
      wanted.push(each)
      const known = served.entries.some(entry => isSame(entry.found, each) && !entry.isGone)
      if (!known) await bring(name, served, each)
    }
    // What is not wanted any more goes on until what takes its place can be asked.
    const isReplaced = ({ found: each }: Entry): boolean => {
      if (wanted.some(version => isSame(version, each)) || !wanted.some(isThere)) return false
      const other = wanted.find(({ version }) => version === each.version)
      return other === undefined || isThere(other)
    }
    for (const entry of served.entries.filter(isReplaced)) retire(name, served, entry)
  }

  async function bring(name: string, served: Served, found: FoundVersion): Promise<void> {
    const entry: Entry = { found, state: 'LOADING', held: 0, isGone: false }
    served.entries = [
      entry,
      ...served.entries.filter(each => each.state !== 'END' || each.found.version !== found.version),
    ]
    try {
      entry.loaded = await load(found.path)
      entry.state = 'AVAILABLE'
      say(`${name}: version ${found.version} is served, from ${found.path}`)
    } catch (error) {
      entry.state = 'END'
      entry.error = (error as Error).message
      say(`${name}: version ${found.version} cannot be served. ${entry.error}`)
    }
  }

  function retire(name: string, served: Served, entry: Entry): void {
    entry.isGone = true
    if (entry.loaded === undefined) served.entries = served.entries.filter(each => each !== entry)
    else if (entry.state !== 'UNLOADING') {
      entry.state = 'UNLOADING'
      if (entry.held === 0) void unload(name, served, entry)
    }
  }

  async function unload(name: string, served: Served, entry: Entry): Promise<void> {
    served.entries = served.entries.filter(each => each !== entry)
    await entry.loaded!.dispose()
    say(`${name}: version ${entry.found.version} is not served any more`)
  }

  const look = (): Promise<void> => {
    looking = looking.then(async () => {
      for (const [name, served] of all) await lookAt(name, served)
    })
    return looking
  }

  async function watch(): Promise<void> {
    const { signal } = ended
    while (!signal.aborted) {
      await later(pollEvery, undefined, { signal, ref: false }).catch(() => {})
      if (!signal.aborted) await look()
    }
  }
  if (pollEvery > 0) void watch()

  const newestFirst = ({ entries }: Served): Entry[] =>
    entries.toSorted((a, b) => Number(BigInt(b.found.version) - BigInt(a.found.version)))

  function entryFor(name: string, served: Served, version: string | undefined): Entry {
    const entries = newestFirst(served).filter(({ found }) => version === undefined || found.version === version)
    const available =
      entries.find(({ state }) => state === 'AVAILABLE') ?? entries.find(({ state }) => state === 'UNLOADING')
    if (available) return available
    if (entries.some(({ state }) => state === 'LOADING'))
      throw new Refusal(503, `Model ${name} is being loaded.`, { 'retry-after': '1' })
    if (version === undefined)
      throw new Refusal(
        503,
        `Model ${name} cannot be asked: ${entries[0]?.error ?? served.fault ?? 'it has no version'}`,
      )
    const [failed] = entries
    if (failed) throw new Refusal(503, `Version ${version} of model ${name} cannot be asked: ${failed.error}`)
    const there = newestFirst(served).map(({ found }) => found.version)
    throw new Refusal(404, `Model ${name} has no version ${version}; it has ${there.join(', ') || 'none'}.`)
  }

  return {
    names: () => names,
    versions(name): ServedVersion[] | undefined {
      const served = all.get(name)
      return (
        served &&
        newestFirst(served).map(({ found: { version }, state, error }) => ({
          version,
          state,
          labels: Object.keys(served.labels).filter(label => served.labels[label] === version),
          ...(error !== undefined && { error }),
        }))
      )
    },
    lease(name, { version, label } = {}): Lease {
      const served = all.get(name)
      if (!served) throw unknownModel(name, names)
      const labelled =
        label === undefined ? version : Object.hasOwn(served.labels, label) ? served.labels[label] : undefined
      if (label !== undefined && labelled === undefined)
        throw new Refusal(404, `Model ${name} has no label '${label}'.`)
      const entry = entryFor(name, served, labelled)
      entry.held++
      let isHeld = true
      return {
        name,
        version: entry.found.version,
        servable: entry.loaded!.servable,
        release() {
          if (!isHeld) return
          isHeld = false
          entry.held--
          if (entry.isGone && entry.held === 0) void unload(name, served, entry)
        },
      }
    },
    isReady: () => [...all.values()].every(({ entries }) => entries.some(({ state }) => state === 'AVAILABLE')),
    look,
    async close() {
      ended.abort()
      await looking
      for (const served of all.values()) {
        const loaded = served.entries.flatMap(entry => entry.loaded ?? [])
        served.entries = []
        for (const each of loaded) await each.dispose()
      }
    },
  }
}
