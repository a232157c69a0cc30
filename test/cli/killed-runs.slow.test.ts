/**
 * Trainings and sweeps killed by SIGKILL, a third of them inside the saving of a checkpoint, and gone on with on another number of threads:
 * all of them come to the weights of the one that nobody killed, and no file is ever one that cannot be read. `FOVEA_KILLS=300` asks for so
 * many.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
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

interface Training {
  readonly words: readonly string[]
  /** The file it begins with. */
  readonly first: 'run.jsonl' | 'journal.jsonl'
  /** What it comes to: the SHA-256 of a training's weights, or those of a sweep's winner with its table. */
  readonly outcome: unknown
  readonly ms: number
}
const trainings: Training[] = []
const quiet = ['--quiet', '--json']
const saving = ['--save-every', '0.001', ...quiet]

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
    ['train', join(folder, 'tiny.json'), '--limit', '480', ...saving],
    ['train', join(folder, 'pictures'), '--size', '32', '--epochs', '3', '--batch-size', '4', ...saving],
    ['sweep', join(folder, 'tiny.json'), '--vary', 'learningRate=1e-4..1', '--trials', '4', '--limit', '480', ...quiet],
  ]
  for (const [index, words] of straight.entries()) {
    const run = join(folder, `straight-${index}`)
    const first = words[0] === 'sweep' ? 'journal.jsonl' : 'run.jsonl'
    let begun = 0
    void beginning(join(run, first)).then(() => {
      begun = performance.now()
    })
    const call = await fovea([...words, '--threads', '2', '--out', run])
    expect(call.code, call.stderr).toBe(0)
    trainings.push({ words, first, outcome: outcomeOf(call.stdout), ms: performance.now() - begun })
  }
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Resolves when the first file is there: how long a process takes to come so far depends on what else the machine does. */
async function beginning(file: string, isOver = (): boolean => false): Promise<void> {
  while (!existsSync(file) && !isOver()) await later(5)
}

/** Of what `--json` prints. */
function outcomeOf(document: string): unknown {
  const { weightsSha256, trials, winner } = JSON.parse(document)
  return weightsSha256 ?? { trials, weights: winner.weightsSha256, epochs: winner.epochs }
}

interface Killing {
  /** So many milliseconds after its first file is there. */
  readonly after?: number
  /** At this call of the system within the saving of checkpoints. */
  readonly call?: number
}

/** Gives whether it was killed; it may have come to its end before. */
function killed(words: readonly string[], first: string, { after, call }: Killing): Promise<boolean> {
  const hooked = call === undefined ? [] : ['--import', pathToFileURL(join(folder, 'hook.mjs')).href]
  const child = spawn(process.execPath, [...hooked, bin, ...words], {
    env: { ...process.env, FOVEA_OFFLINE: '1', FOVEA_TEST_CALL: String(call), NODE_OPTIONS: '' },
    stdio: 'ignore',
  })
  let isOver = false
  if (after !== undefined) {
    const begun = beginning(first, () => isOver)
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

/** The names of all files within it. */
function filesOf(run: string): readonly string[] {
  if (!existsSync(run)) return []
  return readdirSync(run, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** Throws for a file that cannot be read. */
function readAll(run: string): void {
  for (const name of filesOf(run)) {
    const bytes = new Uint8Array(readFileSync(name))
    if (name.endsWith('.ckpt')) decodeCheckpoint(bytes, name)
    else if (name.endsWith('.safetensors')) decodeSafetensors(bytes, name)
    else if (name.endsWith('run.jsonl')) readRunFile(bytes, name)
    else if (name.endsWith('.json')) JSON.parse(new TextDecoder().decode(bytes))
  }
}

test(`${kills} trainings, killed and gone on with`, { timeout: 60_000 + kills * 60_000 }, async () => {
  const met = { killed: 0, saving: 0, again: 0, anew: 0, finished: 0, sweeps: 0 }
  for (let index = 0; index < kills; index++) {
    // One in six is of a folder of pictures, one in twelve a sweep.
    const { words, first, outcome, ms } = trainings[index % 12 === 3 ? 2 : index % 6 === 5 ? 1 : 0]!
    const isSweep = first === 'journal.jsonl'
    const run = join(folder, `run-${index}`)
    const firstFile = join(run, first)
    // Evenly over the whole of it.
    const moment = ((index * 0.618_034) % 1) * ms
    const killing = index % 3 === 2 ? { call: 1 + ((index * 7) % 24) } : { after: moment }
    const go = isSweep ? ['sweep', '--resume', run, ...quiet] : ['train', '--resume', run, ...saving]
    const threads = (count: number): string[] => ['--threads', String(count)]
    const wasKilled = await killed([...words, ...threads(1 + (index % 2)), '--out', run], firstFile, killing)
    if (wasKilled) met.killed++
    if (wasKilled && killing.call !== undefined) met.saving++
    if (wasKilled && isSweep) met.sweeps++
    readAll(run)
    if (
      index % 4 === 1 &&
      existsSync(firstFile) &&
      (await killed([...go, ...threads(1)], firstFile, { after: ms / 2 }))
    ) {
      met.again++
      readAll(run)
    }
    if (existsSync(join(run, 'result.json'))) met.finished++
    const isBegun = existsSync(firstFile)
    if (!isBegun) met.anew++
    const call = await fovea([...(isBegun ? go : [...words, '--out', run]), ...threads(2 - (index % 2))])
    expect(call.code, `${run} ${JSON.stringify(killing)}\n${call.stderr}`).toBe(0)
    expect(outcomeOf(call.stdout), `${run} ${JSON.stringify(killing)}`).toEqual(outcome)
    readAll(run)
    const names = filesOf(run)
    expect(names.map(name => basename(name))).toEqual(expect.arrayContaining(['result.json', 'report.html']))
    expect(names.filter(name => /\.(part|lock)$/.test(name))).toEqual([])
    rmSync(run, { recursive: true, force: true })
    if ((index + 1) % 25 === 0) console.log(`${index + 1} trainings: ${JSON.stringify(met)}`)
  }
  expect(met.saving).toBeGreaterThan(kills / 4)
})
