/**
 * Two thousand damaged ONNX files: one byte changed, cut off, or grown. Each is a UserError or a model within two seconds, and memory stays
 * below what the file declares and 256 MB. Where FOVEA_CASES is, files of other people are damaged as well.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from 'fovea'
import { modelFromConfig } from 'fovea/internal/network/config'
import { matchWeights } from 'fovea/internal/store/model-file'
import { openedBytes } from 'fovea/internal/store/model-formats'
import { describe, expect, it } from 'vitest'
import { smallClassifier } from './onnx-bytes.testing.ts'
import { onnxFormat } from './onnx-file.ts'

const folder = join(process.env['FOVEA_CASES'] ?? '', 'outside/onnx')
const others = [
  'made-here-torch2.13-dynamo-opset18.onnx',
  'made-here-torch2.13-torchscript-opset17.onnx',
  'mnist-zoo-cntk-opset8/model.onnx',
  'mnist-pytorch1.10-opset9.onnx',
]

/** The same damage every time. */
function* draws(): Generator<number> {
  for (let state = 1; ; state = (state * 48271) % 2147483647) yield state
}

function damaged(bytes: Uint8Array, next: () => number): Uint8Array {
  const kind = next() % 10
  // What is not weights lies together: half of the changes are there.
  const at = next() % (next() % 2 === 0 ? bytes.length : Math.min(bytes.length, 4000))
  if (kind === 0) return bytes.slice(0, at)
  if (kind === 1) {
    const grown = new Uint8Array(bytes.length + 1 + (next() % 64))
    grown.set(bytes)
    for (let end = bytes.length; end < grown.length; end++) grown[end] = next() % 256
    return grown
  }
  const changed = bytes.slice()
  changed[at] = next() % 256
  return changed
}

const files: [string, Uint8Array][] = [
  ['a small classifier', smallClassifier()],
  ...others
    .filter(file => existsSync(join(folder, file)))
    .map((file): [string, Uint8Array] => [file, new Uint8Array(readFileSync(join(folder, file)))]),
]
const rounds = Math.ceil(2000 / files.length)

describe(`damaged files${files.length === 1 ? ' (files of other people need FOVEA_CASES)' : ''}`, () => {
  it.each(files)('of %s are told or read', async (_, bytes) => {
    const draw = draws()
    const next = (): number => draw.next().value!
    const outcomes = { read: 0, told: 0 }
    const before = process.memoryUsage().rss
    let [slowest, largest] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      const file = damaged(bytes, next)
      const begin = process.cpuUsage()
      try {
        const { model, weights } = await onnxFormat.read(openedBytes(file, 'model.onnx'))
        matchWeights(weights, modelFromConfig(model).weights)
        outcomes.read++
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`round ${round}: ${String(error)}`, { cause: error })
        outcomes.told++
      }
      slowest = Math.max(slowest, secondsSince(begin))
      largest = Math.max(largest, process.memoryUsage().rss)
    }
    expect(outcomes.told).toBeGreaterThan(rounds / 10)
    expect(outcomes.read).toBeGreaterThan(0)
    expect(slowest).toBeLessThan(2)
    expect(largest - before).toBeLessThan(256 * 2 ** 20)
  })
})

/** Of the processor, whatever else the machine does meanwhile. */
function secondsSince(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1e6
}
