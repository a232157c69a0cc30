/**
 * Requests a second and latency of a served model, beside others behind the same HTTP server. Each server is a process of its own; clients are
 * in another one, so both share the cores of the machine, as they do for all. A request is a picture file, an answer its classes.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { modelFormats } from '../packages/formats/src/index.ts'
import type { JsonRecord } from '../packages/fovea/src/base/json.ts'
import { columns } from '../packages/fovea/src/base/text.ts'
import { modelToConfig } from '../packages/fovea/src/network/config.ts'
import { initialWeights } from '../packages/fovea/src/network/weights.ts'
import { encodeModelFile } from '../packages/fovea/src/store/model-encoder.ts'
import type { ModelFile } from '../packages/fovea/src/store/model-file.ts'
import { encodePng } from '../packages/pictures/src/encode.ts'
import { ownVersions, root, signature } from './machine.ts'
import { onnxModel } from './peers/onnx-model.ts'
import { workloadOf } from './training.ts'

export const servedModels = ['mnist-cnn', 'mobilenet-v2'] as const
export const connectionCounts = [1, 16, 256] as const
const servers = ['fovea', 'onnxruntime', 'tfjs'] as const
type ServerName = (typeof servers)[number]

const rounds = 3
const secondsEach = 4

/** What the clients saw in one round. */
export interface Load {
  readonly perSecond: number
  readonly failed: number
  /** Milliseconds. */
  readonly median: number
  readonly p99: number
}

export interface Serving {
  readonly model: string
  readonly server: ServerName
  readonly connections: number
  /** Of the best round. */
  readonly perSecond: number
  /** At half of that rate; of the best round. */
  readonly p99AtHalf: number
}

export type ServingDocument = ReturnType<typeof signature> & {
  readonly versions: Readonly<Record<string, string>>
  readonly serving: readonly Serving[]
}

export async function measureServing(say: (line: string) => void): Promise<ServingDocument> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-serving-'))
  try {
    const serving: Serving[] = []
    for (const model of servedModels) serving.push(...(await measureModel(model, folder, say)))
    return { ...signature(), versions: ownVersions(), serving }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureModel(name: string, folder: string, say: (line: string) => void): Promise<Serving[]> {
  await writeModels(name, folder)
  const started: { readonly name: ServerName; readonly url: string; readonly child: ChildProcess }[] = []
  try {
    for (const server of servers) {
      const found = await start(server, name, folder)
      if (found) started.push({ name: server, ...found })
      else
        say(`${server} is not measured: set FOVEA_PEER_MODULES to a folder with onnxruntime-node and @tensorflow/tfjs`)
    }
    const found: Serving[] = []
    /** One that answers fewer than its connections within a round would be measured by its queue alone. */
    const canTake = (server: ServerName, connections: number): boolean =>
      connections === 1 || found.some(each => each.server === server && each.perSecond * secondsEach > connections)
    for (const connections of connectionCounts) {
      const asked = started.filter(({ name: server }) => canTake(server, connections))
      const best = new Map<ServerName, Load>()
      for (let round = 0; round < rounds; round++)
        for (const { name: server, url } of asked) {
          const load = await clients(url, folder, { connections })
          if (load.failed > 0) throw new Error(`${server} failed ${load.failed} requests`)
          if (load.perSecond > (best.get(server)?.perSecond ?? 0)) best.set(server, load)
        }
      for (const { name: server, url } of asked) {
        const { perSecond } = best.get(server)!
        const halves = await clients(url, folder, { connections, rate: perSecond / 2 })
        say(`${name} ${server} ${connections}: ${perSecond.toFixed(0)} a second`)
        found.push({ model: name, server, connections, perSecond, p99AtHalf: halves.p99 })
      }
    }
    return found
  } finally {
    for (const { child } of started) child.kill('SIGKILL')
  }
}

/** The same weights for all, and a picture of the model's own size. */
async function writeModels(name: string, folder: string): Promise<void> {
  const { model, recipe } = workloadOf(name)
  const values = initialWeights(model, recipe.seed)
  const [height = 1, width = 1, channels = 1] = model.inputs[0]!.shape
  const file: ModelFile = {
    model: JSON.parse(JSON.stringify(modelToConfig(model))) as JsonRecord,
    weights: model.weights.map(({ name: weight, shape }) => ({
      name: weight,
      shape,
      data: Float32Array.from(values[weight]!),
    })),
    preprocess: { shape: [height, width, channels], channels: channels === 1 ? 'grey' : 'rgb', resize: 'stretch' },
  }
  writeFileSync(join(folder, `${name}.safetensors`), encodeModelFile(file))
  writeFileSync(join(folder, `${name}.onnx`), onnxModel(model, values))
  const tensorflowjs = modelFormats.find(({ name: format }) => format.startsWith('TensorFlow.js'))!
  const { bytes, beside } = await tensorflowjs.write!(file, 'model.json')
  mkdirSync(join(folder, `${name}-tfjs`), { recursive: true })
  for (const [path, content] of Object.entries({ 'model.json': bytes, ...beside }))
    writeFileSync(join(folder, `${name}-tfjs`, path), content)
  const data = Uint8Array.from({ length: height * width * channels }, (_, index) => (index * 13 + (index >> 8)) & 255)
  writeFileSync(join(folder, 'picture.png'), await encodePng({ width, height, channels: channels as 1 | 3, data }))
}

async function start(server: ServerName, name: string, folder: string) {
  const words =
    server === 'fovea'
      ? [
          join(root, 'packages/cli/bin/fovea.js'),
          'serve',
          `m=${join(folder, `${name}.safetensors`)}`,
          '--port',
          '0',
          '--log',
          'none',
        ]
      : [
          join(root, 'bench/serving-peer.mjs'),
          server,
          join(folder, server === 'tfjs' ? `${name}-tfjs` : `${name}.onnx`),
        ]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
    if (url) return { url: server === 'fovea' ? `${url}/models/m` : url, child }
  }
  return undefined
}

interface Asked {
  readonly connections: number
  /** Requests a second; as many as are answered by default. */
  readonly rate?: number
}

async function clients(url: string, folder: string, { connections, rate = 0 }: Asked): Promise<Load> {
  const words = [url, join(folder, 'picture.png'), connections, rate, secondsEach].map(String)
  const child = spawn(process.execPath, [join(root, 'bench/serving-clients.mjs'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let written = ''
  for await (const text of child.stdout) written += text
  return JSON.parse(written) as Load
}

export function servingText({ serving }: ServingDocument): string {
  const own = ({ model, connections }: Serving): number =>
    serving.find(each => each.server === 'fovea' && each.model === model && each.connections === connections)!.perSecond
  const titles = ['model', 'server', 'connections', 'a second', 'fovea / it', 'p99 at half, ms'] as const
  const cells = serving.map(each => [
    each.model,
    each.server,
    String(each.connections),
    each.perSecond.toFixed(0),
    (own(each) / each.perSecond).toFixed(2),
    each.p99AtHalf.toFixed(1),
  ])
  return columns(
    titles.map((title, at) => ({
      title,
      cells: cells.map(row => row[at]!),
      ...(at > 1 && { align: 'right' as const }),
    })),
  )
}
