/**
 * Fetching one file from the first host that gives it whole. Any HTTP error, a refused connection or a stall goes to the next
 * host; a connection cut half-way is taken up where it broke (Range). Bytes go to a `.part` file beside the target; only a
 * file that was checked is moved into place, in one atomic step. A part left by a process that is gone is continued.
 */
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '../../base/errors.ts'
import { disk, writeWhole } from './disk.ts'
import { makeFolder } from './files.ts'
import { isRunning, ownProcess } from './running.ts'
import { reasonOf, told } from './system-errors.ts'

export interface DownloadProgress {
  readonly file: string
  readonly host: string
  /** Bytes so far, with those of an earlier attempt. */
  readonly received: number
  /** Bytes in all, if known. */
  readonly total?: number | undefined
}

export interface DownloadOptions {
  /** Complete addresses, in the order to try. */
  readonly urls: readonly string[]
  /** Path of the finished file; its folder is made. */
  readonly target: string
  /** Size of the file, if known. */
  readonly bytes?: number | undefined
  /** Throws when the file at this path is not what was asked for. */
  readonly check: (file: string) => Promise<void>
  /** Milliseconds without a byte until the next host is tried; 10 s by default. */
  readonly stallMs?: number | undefined
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const progressEveryMs = 100

/** Resolves when the checked file is in place. @throws UserError naming every address and what went wrong there. */
export async function download(options: DownloadOptions): Promise<void> {
  const { target } = options
  const folder = path.dirname(target)
  await told(makeFolder(folder), `The folder ${folder} cannot be made`)
  await told(fetchInto(options), `${target} cannot be written`)
}

/** Only a file that was checked takes the target's place, which an older one of that name loses only then. */
async function fetchInto(options: DownloadOptions): Promise<void> {
  const { target } = options
  const part = await claimPart(target)
  const failures: string[] = []
  for (const url of options.urls) {
    // Bytes of an earlier host may be to blame for a wrong checksum: then this host gets a second try from zero.
    for (let fresh = (await sizeOf(part)) === 0; ; fresh = true) {
      const failure = await fetchWhole(url, part, options)
      if (failure !== undefined) {
        failures.push(`${url}: ${failure}`)
        break
      }
      try {
        await options.check(part)
        await disk.rename(part, target)
        await disk.syncFolder(path.dirname(target))
        return
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        await disk.remove(part)
        if (fresh) {
          failures.push(`${url}: ${error.problems[0]!.what.replaceAll(part, 'what came')}`)
          break
        }
      }
    }
  }
  if ((await sizeOf(part)) === 0) await disk.remove(part)
  throw new UserError({
    what: `${path.basename(target)} could not be downloaded.`,
    received: failures.join('\n            '),
  })
}

/** Takes over the part file of a process that is no longer running; each process writes its own. */
async function claimPart(target: string): Promise<string> {
  const part = `${target}.${ownProcess()}.part`
  const prefix = `${path.basename(target)}.`
  for (const name of await readdir(path.dirname(target))) {
    if (!name.startsWith(prefix) || !name.endsWith('.part')) continue
    const owner = name.slice(prefix.length, -'.part'.length)
    if (!/^\d+(-\w+)?$/.test(owner) || isRunning(owner)) continue
    await disk.rename(path.join(path.dirname(target), name), part).catch(() => {})
    break
  }
  return part
}

/** Reads one host to the end, resuming as long as each attempt brings bytes. Gives the reason when it does not work out. */
async function fetchWhole(url: string, part: string, options: DownloadOptions): Promise<string | undefined> {
  for (;;) {
    const before = await sizeOf(part)
    const outcome = await fetchOnce(url, part, before, options)
    if (outcome.kind === 'done') return undefined
    if (outcome.kind === 'cut' && (await sizeOf(part)) > before) continue
    return outcome.reason
  }
}

type Outcome = { kind: 'done' } | { kind: 'cut' | 'failed'; reason: string }

async function fetchOnce(url: string, part: string, offset: number, options: DownloadOptions): Promise<Outcome> {
  const stallMs = options.stallMs ?? 10_000
  const stall = new AbortController()
  let timer = setTimeout(() => stall.abort(), stallMs)
  const signal = options.signal === undefined ? stall.signal : AbortSignal.any([stall.signal, options.signal])
  let reading = false
  try {
    // Without `identity` a server may pack the packed file once more, and a Range would count other bytes.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' }
    if (offset > 0) headers['range'] = `bytes=${offset}-`
    const response = await fetch(url, { headers, signal })
    if (response.status === 416 && offset > 0) {
      // Nothing is left to send: the part is whole, or longer than the file.
      await response.body?.cancel()
      if (offset === options.bytes || rangeTotal(response) === offset) return { kind: 'done' }
      await disk.remove(part)
      return await fetchOnce(url, part, 0, options)
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      return { kind: 'failed', reason: `HTTP ${response.status} ${response.statusText}`.trim() }
    }
    const resumes = response.status === 206 && rangeStart(response) === offset
    if (response.status === 206 && !resumes) {
      await response.body.cancel()
      return { kind: 'failed', reason: 'it sent another range than asked for' }
    }
    const start = resumes ? offset : 0
    const total = options.bytes ?? announcedTotal(response, start)
    const file = await disk.open(part, resumes ? 'a' : 'w')
    let received = start
    let reported = Number.NEGATIVE_INFINITY
    const report = () => {
      const progress = { file: path.basename(options.target), host: new URL(url).host, received }
      options.onProgress?.(total === undefined ? progress : { ...progress, total })
      reported = performance.now()
    }
    try {
      reading = true
      report()
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        clearTimeout(timer)
        timer = setTimeout(() => stall.abort(), stallMs)
        await writeWhole(file, chunk)
        received += chunk.length
        if (performance.now() - reported >= progressEveryMs) report()
      }
      report()
      await disk.sync(file)
    } finally {
      await disk.close(file)
    }
    if (total !== undefined && received < total)
      return { kind: 'cut', reason: `the connection ended after ${received} of ${total} bytes` }
    return { kind: 'done' }
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason
    if (stall.signal.aborted) return { kind: 'failed', reason: `no byte came for ${stallMs / 1000} s` }
    if (isFileError(error)) throw error
    return { kind: reading ? 'cut' : 'failed', reason: saidOf(error) }
  } finally {
    clearTimeout(timer)
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    found => found.size,
    () => 0,
  )
}

function rangeStart(response: Response): number | undefined {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
  return match === null ? undefined : Number(match[1])
}

function rangeTotal(response: Response): number | undefined {
  const match = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')
  return match === null ? undefined : Number(match[1])
}

/** The size by the headers; unknown when the server packed the body on its own. */
function announcedTotal(response: Response, start: number): number | undefined {
  if (response.headers.has('content-encoding')) return undefined
  const length = response.headers.get('content-length')
  return rangeTotal(response) ?? (length === null ? undefined : start + Number(length))
}

/** Errors of the file system (disk full, no permission) are not the host's fault. */
function isFileError(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && ['open', 'write', 'fsync', 'close'].includes(String(error.syscall))
  )
}

/** In words, with the code that a search finds, and what to do where it is not the connection itself. */
function saidOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { code, message } = cause as { code?: string; message?: string }
  const reason = reasonOf(error)
  const said = reason?.received ?? (message || String(cause))
  const how = reason?.fix.includes('NODE_EXTRA_CA_CERTS') ? `: ${reason.fix}` : ''
  return `${said}${code === undefined || said.includes(code) ? '' : ` (${code})`}${how}`
}
