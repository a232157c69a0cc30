/**
 * A page that only loads a saved model and asks it: what its bundle holds of the library, and how many bytes the page loads until it has an
 * answer. A bundle of chunks is loaded piece by piece, as models need it; a bundle of one file has all of them.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { type ZooName, zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { root } from '../source-files.testing.ts'

/** Minified bytes that a page loads until it has an answer of a network. */
const most = { 'mnist-mlp': 150_000, 'mnist-cnn': 165_000, 'cifar10-cnn-optimized': 167_500 }
/** Of a bundle in one file. */
const mostInOne = 306_700

interface Bundle {
  readonly folder: string
  readonly bytes: ReadonlyMap<string, number>
  readonly rooms: ReadonlySet<string>
}

async function bundled(program: string, chunks = true): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bundle-'))
  const input = join(folder, 'page.js')
  writeFileSync(input, program)
  const bundle = await rolldown({ input, platform: 'browser' })
  const names = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' }
  const { output } = await bundle.write({ dir: folder, format: 'esm', minify: true, codeSplitting: chunks, ...names })
  const library = join(root, 'packages/fovea/src')
  const parts = output.flatMap(part => (part.type === 'chunk' ? [part] : []))
  const sources = parts.flatMap(({ modules }) => Object.keys(modules)).filter(id => id.startsWith(library))
  return {
    folder,
    bytes: new Map(parts.map(({ fileName, code }) => [fileName, Buffer.byteLength(code)])),
    rooms: new Set(sources.map(id => id.slice(library.length + 1).split('/')[0]!)),
  }
}

const using = (name: string): string =>
  `import { ${name} } from ${JSON.stringify(join(root, 'packages/fovea/src/browser.ts'))}
export const answer = async (bytes, x) => (await ${name}(bytes)).predict(x)
`

/** Asks the bundle in a process of its own: the answer, and the files that were loaded for it. */
function ask(folder: string, name: ZooName): { readonly answer: readonly number[]; readonly files: readonly string[] } {
  const model = zooModel(name).build()
  const values = initialWeights(model, 1)
  const weights = model.weights.map(({ name, shape }) => ({ name, shape, data: values[name]! }))
  const file = join(folder, `${name}.safetensors`)
  writeFileSync(file, encodeModelFile({ model: modelToConfig(model) as never, weights }))
  const size = model.inputs[0]!.shape.reduce((product, extent) => product * extent, 1)
  const script = `
    import { readFileSync } from 'node:fs'
    import { Session } from 'node:inspector/promises'
    globalThis.navigator ??= { hardwareConcurrency: 1 }
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage')
    const { answer } = await import('./page.mjs')
    const x = Float32Array.from({ length: 2 * ${size} }, (_, index) => (index % 256) / 2)
    const { data } = await answer(new Uint8Array(readFileSync(${JSON.stringify(file)})), x)
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const files = result.filter(({ url }) => url.endsWith('.mjs') && url.includes('fovea-bundle-')).map(({ url }) => url.split('/').at(-1))
    console.log(JSON.stringify({ answer: [...data], files }))
    process.exit()`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe('a saved model that is only asked', () => {
  let pieces: Bundle
  let whole: Bundle
  let training: Bundle
  beforeAll(async () => {
    pieces = await bundled(using('loadPredictor'))
    whole = await bundled(using('loadPredictor'), false)
    training = await bundled(using('loadModel'), false)
  })
  afterAll(() => {
    for (const { folder } of [pieces, whole, training]) rmSync(folder, { recursive: true })
  })

  test('brings no training along', () => {
    expect(pieces.rooms).toContain('engine')
    for (const room of ['train', 'api', 'objectives', 'optimizer', 'autodiff', 'explain', 'data'])
      expect(pieces.rooms).not.toContain(room)
    expect(training.rooms).toContain('optimizer')
    expect(training.bytes.get('page.mjs')).toBeGreaterThan(mostInOne)
  })

  test.each(Object.keys(most) as (keyof typeof most)[])('loads what %s needs', name => {
    const { files } = ask(pieces.folder, name)
    expect(files).toContain('page.mjs')
    expect(files.filter(file => /gradient|rarer|registry|training|workers/.test(file))).toEqual([])
    const loaded = files.reduce((sum, file) => sum + pieces.bytes.get(file)!, 0)
    expect(loaded).toBeLessThan(most[name])
  })

  test('gives the same answer from one file, and from a model with layers and kernels that are rarer', () => {
    expect([...whole.bytes.keys()]).toEqual(['page.mjs'])
    expect(whole.bytes.get('page.mjs')).toBeLessThan(mostInOne)
    for (const name of ['cifar10-cnn-optimized', 'resnet20'] as const) {
      const { answer, files } = ask(pieces.folder, name)
      expect(answer).toEqual(ask(whole.folder, name).answer)
      expect(files.some(file => /registry|rarer/.test(file))).toBe(name === 'resnet20')
    }
  })
})
