/**
 * What is seen of one reading: how it ended, how long it took, how far memory grew, and every place it touched outside of its box. File
 * and network functions of Node are replaced once, by ones that look first.
 */
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { resolve, sep } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'

/** What is wrong with a reading; undefined where nothing is. */
export interface Seen {
  readonly outcome: 'read' | 'told'
  readonly fault?: string | undefined
}

/** Of one reading, in milliseconds and bytes. */
const [slow, large] = [2000, 256 * 2 ** 20]

const looked: { box: string; outside: string[] } = { box: '', outside: [] }

/** Functions that begin with a path, and those that change what lies there. */
const reading = ['open', 'readFile', 'stat', 'lstat', 'readdir', 'realpath', 'access', 'opendir', 'createReadStream']
const writing = [
  'writeFile',
  'appendFile',
  'mkdir',
  'rename',
  'rm',
  'rmdir',
  'unlink',
  'link',
  'symlink',
  'copyFile',
  'truncate',
]

/** From now on, all that is touched outside of a box is written down while something is read. */
export function watch(): void {
  for (const name of [...reading, ...writing]) {
    look(promises as unknown as Functions, name)
    look(fs as unknown as Functions, name)
    look(fs as unknown as Functions, `${name}Sync`)
  }
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...words: unknown[]) {
    if (looked.box !== '') looked.outside.push(`a connection to ${JSON.stringify(words)}`)
    return connect.apply(this, words as never)
  } as typeof connect
  syncBuiltinESMExports()
}

type Functions = Record<string, ((...words: unknown[]) => unknown) | undefined>

function look(from: Functions, name: string): void {
  const own = from[name]
  if (!own) return
  from[name] = function (this: unknown, ...words: unknown[]) {
    const [path, other] = words
    // The last step of a link or a rename is the second word.
    const places = [path, ...(/^(rename|link|symlink|copyFile)/.test(name) ? [other] : [])]
    for (const place of places)
      if (looked.box !== '' && typeof place === 'string' && !isInside(resolve(place)))
        looked.outside.push(`${name} ${place}`)
    return own.apply(this, words)
  }
}

/** Modules that are loaded with the first file of a format are read where they lie. */
const isInside = (place: string): boolean =>
  place === looked.box || place.startsWith(looked.box + sep) || looked.box.startsWith(place + sep) || isCode(place)
const isCode = (place: string): boolean =>
  /\.(m?js|cjs|json|node|wasm)$/.test(place) && place.startsWith(process.cwd() + sep)

/** Reads, and says what was seen. Nothing is thrown. */
export async function seen(box: string, read: () => unknown): Promise<Seen> {
  const rss = process.memoryUsage.rss()
  const peak = peakMemory()
  const begin = performance.now()
  looked.box = box
  looked.outside = []
  let outcome: Seen['outcome'] = 'read'
  let fault: string | undefined
  try {
    await read()
  } catch (error) {
    outcome = 'told'
    if (!(error instanceof UserError))
      fault = `it is thrown: ${error instanceof Error ? (error.stack ?? error.message) : error}`
  } finally {
    looked.box = ''
  }
  const took = performance.now() - begin
  const grown = peakMemory() > peak ? peakMemory() - rss : 0
  if (looked.outside.length > 0) fault ??= `it leaves its folder: ${looked.outside.slice(0, 3).join('; ')}`
  if (took > slow) fault ??= `it takes ${(took / 1000).toFixed(1)} s`
  if (grown > large) fault ??= `it takes ${(grown / 2 ** 20).toFixed(0)} MB`
  return { outcome, fault }
}

const peakMemory = (): number => process.resourceUsage().maxRSS * 1024
