/**
 * Trainings killed by SIGKILL, a third of them inside the saving of a checkpoint, and gone on with on another number of threads: all of them
 * come to the weights of the training that nobody killed, and no file is ever one that cannot be read. `FOVEA_KILLS=300` asks for so many.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRunFile } from '../../packages/fovea/src/run/run-file.ts'
import { decodeCheckpoint } from '../../packages/fovea/src/store/checkpoint.ts'
import { decodeSafetensors } from '../../packages/fovea/src/store/tensor-file.ts'
import { encodePng } from '../../packages/pictures/src/encode.ts'
import { bin, ensureBuilt, fovea } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

const kills = Number(process.env['FOVEA_KILLS'] ?? 6)
let folder: string
/** What is trained, and the weights it comes to. */
const trainings: { readonly words: readonly string[]; readonly weights: string; readonly ms: number }[] = []
const saving = ['--save-every', '0.001', '--quiet', '--json']

/**
 * Ends its process at call `FOVEA_TEST_CALL` of the system within the saving of checkpoints, from the first byte to the last folder; half
 * of the bytes are written then. The program is one file, so it is the system's own functions that are replaced.
 */
const hook = `
import fs from 'node:fs'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
let [inside, calls] = [false, 0]
const due = () => inside && ++calls === Number(process.env.FOVEA_TEST_CALL)
const end = () => process.kill(process.pid, 'SIGKILL')
const file = await files.open(process.argv[1])
const handle = Object.getPrototypeOf(file)
await file.close()
const { write } = handle
handle.write = function (bytes, from, length, at) {
  inside = Buffer.from(bytes.subarray(0, 60)).includes('"checksum":"')
  if (due()) { fs.writeSync(this.fd, bytes, from, length >> 1, at); end() }
  return write.call(this, bytes, from, length, at)
}
for (const [owner, names] of [[handle, ['sync', 'close']], [files, ['link', 'rename']]]) for (const name of names) {
  const work = owner[name]
  owner[name] = function (...words) {
    if (due()) end()
    return work.apply(this, words)
  }
}
syncBuiltinESMExports()
`

beforeAll(async () => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'fovea-killed-'))
  writeFileSync(join(folder, 'hook.mjs'), hook)
  writeTinyRecipe(folder, { epochs: 4 })
  for (const [label, name] of ['dark', 'light'].entries()) {
    mkdirSync(join(folder, 'pictures', name), { recursive: true })
    for (let index = 0; index < 12; index++) {
      const data = new Uint8Array(48 * 48 * 3).map((_, at) => label * 120 + ((at * (index + 3) * 7) % 100))
      writeFileSync(
        join(folder, 'pictures', name, `${index}.png`),
        await encodePng({ width: 48, height: 48, channels: 3, data }),
      )
    }
  }
  const straight = [
    ['train', join(folder, 'tiny.json'), '--limit', '480'],
    ['train', join(folder, 'pictures'), '--size', '32', '--epochs', '3', '--batch-size', '4'],
  ]
  for (const [index, words] of straight.entries()) {
    const run = join(folder, `straight-${index}`)
    let begun = 0
    void beginning(run).then(() => {
      begun = performance.now()
    })
    const call = await fovea([...words, ...saving, '--threads', '2', '--out', run])
    expect(call.code, call.stderr).toBe(0)
    trainings.push({ words, weights: JSON.parse(call.stdout).weightsSha256, ms: performance.now() - begun })
  }
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Resolves when the run has its first file: how long a process takes to be there depends on what else the machine does. */
async function beginning(run: string, isOver = (): boolean => false): Promise<void> {
  while (!existsSync(join(run, 'run.jsonl')) && !isOver()) await later(5)
}

interface Killing {
  /** So many milliseconds after the run has its first file. */
  readonly after?: number
  /** At this call of the system within the saving of checkpoints. */
  readonly call?: number
}

/** Gives whether it was killed; it may have come to its end before. */
function killed(words: readonly string[], run: string, { after, call }: Killing): Promise<boolean> {
  const hooked = call === undefined ? [] : ['--import', pathToFileURL(join(folder, 'hook.mjs')).href]
  const child = spawn(process.execPath, [...hooked, bin, ...words, ...saving], {
    env: { ...process.env, FOVEA_OFFLINE: '1', FOVEA_TEST_CALL: String(call), NODE_OPTIONS: '' },
    stdio: 'ignore',
  })
  let isOver = false
  if (after !== undefined) {
    const begun = beginning(run, () => isOver)
    void begun.then(() => later(after)).then(() => child.kill('SIGKILL'))
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_, signal) => {
      isOver = true
      resolve(signal === 'SIGKILL')
    })
  })
}

/** Throws for a file that cannot be read. */
function readAll(run: string): void {
  for (const name of existsSync(run) ? readdirSync(run) : []) {
    const bytes = new Uint8Array(readFileSync(join(run, name)))
    if (name.endsWith('.ckpt')) decodeCheckpoint(bytes, name)
    else if (name.endsWith('.safetensors')) decodeSafetensors(bytes, name)
    else if (name.endsWith('.jsonl')) readRunFile(bytes, name)
    else if (name.endsWith('.json')) JSON.parse(new TextDecoder().decode(bytes))
  }
}

test(`${kills} trainings, killed and gone on with`, { timeout: 60_000 + kills * 60_000 }, async () => {
  const met = { killed: 0, saving: 0, again: 0, anew: 0, finished: 0 }
  for (let index = 0; index < kills; index++) {
    const { words, weights, ms } = trainings[index % 6 === 5 ? 1 : 0]!
    const run = join(folder, `run-${index}`)
    // Evenly over the whole of it.
    const moment = ((index * 0.618_034) % 1) * ms
    const killing = index % 3 === 2 ? { call: 1 + ((index * 7) % 24) } : { after: moment }
    const go = ['train', '--resume', run]
    const threads = (count: number): string[] => ['--threads', String(count)]
    const wasKilled = await killed([...words, ...threads(1 + (index % 2)), '--out', run], run, killing)
    if (wasKilled) met.killed++
    if (wasKilled && killing.call !== undefined) met.saving++
    readAll(run)
    if (
      index % 4 === 1 &&
      existsSync(join(run, 'run.jsonl')) &&
      (await killed([...go, ...threads(1)], run, { after: ms / 2 }))
    ) {
      met.again++
      readAll(run)
    }
    if (existsSync(join(run, 'result.json'))) met.finished++
    const isBegun = existsSync(join(run, 'run.jsonl'))
    if (!isBegun) met.anew++
    const call = await fovea([...(isBegun ? go : [...words, '--out', run]), ...threads(2 - (index % 2)), ...saving])
    expect(call.code, `${run} ${JSON.stringify(killing)}\n${call.stderr}`).toBe(0)
    expect(JSON.parse(call.stdout).weightsSha256, `${run} ${JSON.stringify(killing)}`).toBe(weights)
    readAll(run)
    expect(readdirSync(run)).toEqual(expect.arrayContaining(['result.json', 'report.html']))
    expect(readdirSync(run).filter(name => /\.(part|lock)$/.test(name))).toEqual([])
    rmSync(run, { recursive: true, force: true })
    if ((index + 1) % 25 === 0) console.log(`${index + 1} trainings: ${JSON.stringify(met)}`)
  }
  expect(met.saving).toBeGreaterThan(kills / 4)
})
