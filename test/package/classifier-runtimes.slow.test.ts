/**
 * An exported classifier where it is meant for: Node, Deno, Bun, a worker at the edge (workerd), a page and a service worker in Chromium, and a host
 * of WebAssembly alone (wasmtime, from Python). Everywhere the same bits. Runtimes come from npm and pip.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dense, flatten, sequential } from '../../packages/fovea/src/index.ts'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { ensureBuilt, fovea } from '../cli/fovea-process.testing.ts'
import { root } from '../source-files.testing.ts'
import { hasChromium, launchChromium } from './chromium.testing.ts'
import { freePort } from './free-port.testing.ts'

const isLinux = process.platform === 'linux' && process.arch === 'x64'
const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

let folder: string
let expected: string
const at = (name: string): string => join(folder, name)

/** What each of them computes: a picture of its own size, from the same formula. */
const picture = `{ width: 60, height: 45, channels: 1, data: Uint8Array.from({ length: 60 * 45 }, (_, at) => (at * 7 + (at >> 6)) & 255) }`

beforeAll(async () => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'fovea-runtimes-'))
  writeFileSync(at('package.json'), '{"private": true, "type": "module"}')
  if (isLinux)
    execFileSync(
      'npm',
      [
        ...['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
        ...['@cloudflare/workerd-linux-64@1', '@deno/linux-x64-glibc@2', '@oven/bun-linux-x64@1'],
      ],
      { cwd: folder, stdio: 'ignore' },
    )
  const model = zooModel('mnist-cnn-course').build()
  const values = initialWeights(model, 5)
  const file = encodeModelFile({
    model: JSON.parse(JSON.stringify(modelToConfig(model))),
    weights: model.weights.map(({ name, shape }) => ({ name, shape, data: Float32Array.from(values[name]!) })),
  })
  writeFileSync(at('model.safetensors'), file)
  for (const to of ['classifier.wasm', 'classifier.js', 'page.html']) {
    const { code, stderr } = await fovea(['export', at('model.safetensors'), '--to', at(to)])
    expect(code, stderr).toBe(0)
  }
  writeFileSync(
    at('ask.mjs'),
    `import { classify } from './classifier.js'\nconsole.log(JSON.stringify(await classify(${picture})))\n`,
  )
  expected = execFileSync(process.execPath, ['ask.mjs'], { cwd: folder, encoding: 'utf8' })
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the module is small, and starts at once', () => {
  const bytes = readFileSync(at('classifier.wasm'))
  expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([])
  // 120,586 weights of 4 bytes.
  expect(bytes.length - 4 * 120_586).toBeLessThan(60_000)
})

const runtimes = {
  Deno: ['@deno/linux-x64-glibc/deno', 'run', '--no-prompt'],
  Bun: ['@oven/bun-linux-x64/bin/bun'],
} as const

describe.skipIf(!isLinux)('other runtimes', () => {
  test.each(Object.entries(runtimes))('%s', (_, [program, ...words]) => {
    const file = join(folder, 'node_modules', program)
    expect(execFileSync(file, [...words, 'ask.mjs'], { cwd: folder, encoding: 'utf8' })).toBe(expected)
  })

  test('workerd, which compiles no code from bytes: the module is imported; without it, it is said how', async () => {
    const port = await freePort()
    writeFileSync(
      at('worker.mjs'),
      `import module from 'classifier.wasm'
import { classifierOf } from 'classifier.wasm.mjs'
import { classify } from 'classifier.js'
const classifier = classifierOf(module)
const picture = ${picture}
export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/file') return new Response(await classify(picture).catch(error => error.message))
    return Response.json(await classifier.classify(picture))
  },
}
`,
    )
    const modules = ['classifier.wasm.mjs', 'classifier.js'].map(
      name => `(name = "${name}", esModule = embed "${name}")`,
    )
    writeFileSync(
      at('config.capnp'),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs"), ${modules.join(', ')}, (name = "classifier.wasm", wasm = embed "classifier.wasm")],
  compatibilityDate = "2025-09-01");
`,
    )
    const program = join(folder, 'node_modules/@cloudflare/workerd-linux-64/bin/workerd')
    const child = spawn(program, ['serve', 'config.capnp'], { cwd: folder, stdio: 'ignore' })
    try {
      const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
      await expect.poll(() => ask('/').catch(() => '')).toBe(expected.trim())
      expect(await ask('/file')).toContain('Import the .wasm file as a module and call classifierOf(module)')
    } finally {
      await ended(child)
    }
  })
})

/** Where pip or its registry is missing, that is said. */
function hasWasmtime(): boolean {
  const words = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', '--target', at('python'), 'wasmtime>=30']
  const { status } = spawnSync('python3', words, { stdio: 'ignore' })
  if (status !== 0) console.warn('not checked: wasmtime, which pip cannot install here')
  return status === 0
}

test('wasmtime: the interface of the bare module is enough', context => {
  if (!hasWasmtime()) return context.skip()
  const pixels = Uint8Array.from({ length: 784 }, (_, index) => (index * 11 + (index >> 5)) & 255)
  writeFileSync(at('pixels'), pixels)
  writeFileSync(
    at('host.py'),
    `import json, struct, sys
sys.path.insert(0, 'python')
from wasmtime import Store, Module, Instance
store = Store()
module = Module.from_file(store.engine, 'classifier.wasm')
assert [one.name for one in module.imports] == []
exports = Instance(store, module, []).exports(store)
at = {name: exports[name].value(store) for name in ('input', 'input_bytes', 'output', 'outputs', 'about', 'about_bytes')}
memory = exports['memory']
about = json.loads(bytes(memory.read(store, at['about'], at['about'] + at['about_bytes'])))
exports['start'](store)
memory.write(store, open('pixels', 'rb').read(), at['input'])
exports['classify'](store)
end = at['output'] + 4 * at['outputs']
values = struct.unpack('<%df' % at['outputs'], memory.read(store, at['output'], end))
print(json.dumps([about['classNames'], about['scale'], list(values)]))
`,
  )
  const said = JSON.parse(execFileSync('python3', ['host.py'], { cwd: folder, encoding: 'utf8' }))
  writeFileSync(
    at('raw.mjs'),
    `import { readFileSync } from 'node:fs'
import { classNames, probabilities } from './classifier.js'
console.log(JSON.stringify([classNames, 'probabilities', await probabilities(readFileSync('pixels'))]))\n`,
  )
  expect(said).toEqual(JSON.parse(execFileSync(process.execPath, ['raw.mjs'], { cwd: folder, encoding: 'utf8' })))
}, 120_000)

test('the types of both files say which classes there are', () => {
  const program = (className: string) => `import { classify, classNames, probabilities } from './classifier.js'
import { classifierOf, loadClassifier, type ClassName } from './classifier.wasm.mjs'
const one: ClassName = '${className}'
const grey = { width: 2, height: 2, channels: 1, data: new Uint8Array(4) } as const
const [best] = await classify(grey, { top: 1 })
const other = await loadClassifier(fetch('classifier.wasm'))
const names: readonly ClassName[] = [one, best!.className, ...classNames, ...other.classNames]
const bytes: number[] = [...(await probabilities(new Uint8Array(784))), ...other.probabilities(new Uint8Array(784))]
await classify(new ImageData(2, 2))
await classify(document.createElement('canvas'))
export { classifierOf, names, bytes }
`
  const checked = (className: string): string => {
    writeFileSync(at('typed.ts'), program(className))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const flags = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--lib',
      'es2022,dom',
      '--types',
      '',
    ]
    return spawnSync(process.execPath, [tsc, ...flags, 'typed.ts'], { cwd: folder, encoding: 'utf8' }).stdout
  }
  expect(checked('7')).toBe('')
  expect(checked('seven')).toContain(`'"seven"' is not assignable to type 'ClassName'`)
})

describe.skipIf(noBrowser)('in Chromium', () => {
  let browser: Browser
  let server: Server
  let origin: string

  beforeAll(async () => {
    browser = await launchChromium()
    const types: Readonly<Record<string, string>> = {
      '.html': 'text/html',
      '.js': 'text/javascript',
      '.mjs': 'text/javascript',
      '.wasm': 'application/wasm',
    }
    const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
    server = createServer((request, response) => {
      const name = (request.url ?? '/').slice(1).replace(/[^\w.-]/g, '')
      const path = at(name === '' ? 'empty.html' : name)
      response.setHeader('content-security-policy', policy)
      response.setHeader('content-type', types[extname(path)] ?? 'text/plain')
      try {
        response.end(readFileSync(path))
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    writeFileSync(at('empty.html'), '<!doctype html><title>Empty</title>')
    writeFileSync(
      at('service.mjs'),
      `import { classify } from './classifier.js'
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', event => {
  if (event.request.url.endsWith('/answer')) event.respondWith(classify(${picture}).then(answer => Response.json(answer)))
})
`,
    )
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  test('a page whose policy allows its own files and WebAssembly', async () => {
    const page = await browser.newPage()
    await page.goto(`${origin}/`)
    const same = await page.evaluate(
      `import('/classifier.js').then(({ classify }) => classify(${picture})).then(JSON.stringify)`,
    )
    expect(same).toBe(expected.trim())
    await page.close()
  })

  test('a service worker', async () => {
    const page = await browser.newPage()
    await page.goto(`${origin}/`)
    const answer = await page.evaluate(async () => {
      await navigator.serviceWorker.register('/service.mjs', { type: 'module' })
      await navigator.serviceWorker.ready
      while (!navigator.serviceWorker.controller) await new Promise(resolve => setTimeout(resolve, 20))
      return (await fetch('/answer')).text()
    })
    expect(answer).toBe(expected.trim())
    await page.close()
  })

  test('the page of a file, opened from disk', async () => {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', error => problems.push(error.message))
    await page.goto(`file://${at('page.html')}`)
    await page.waitForSelector('.try:not([hidden])')
    // Pasted; its own size, white on black, so that every decoder sees the same.
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(60, 45)
      const context = canvas.getContext('2d')!
      const image = context.createImageData(60, 45)
      for (let at = 0; at < 60 * 45; at++) image.data.set([...Array(3).fill((at * 7 + (at >> 6)) & 255), 255], 4 * at)
      context.putImageData(image, 0, 0)
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([await canvas.convertToBlob()], 'pasted.png', { type: 'image/png' }))
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }))
    })
    await expect.poll(() => page.textContent('#try-answer')).toMatch(/\d/)
    const values = await page.$$eval('#try-bars data', all => all.map(one => Number((one as HTMLDataElement).value)))
    const answers = JSON.parse(expected) as { className: string; probability: number }[]
    expect(values).toEqual(
      answers.toSorted((a, b) => Number(a.className) - Number(b.className)).map(each => each.probability),
    )
    expect(problems).toEqual([])
    await page.close()
  })

  test('a page sees what its camera sees, until it is told to stop', async () => {
    const filmed = await launchChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'])
    try {
      const page = await filmed.newPage()
      await page.goto(`file://${at('page.html')}`)
      await page.click('#try-camera')
      await expect.poll(() => page.textContent('#try-answer')).toMatch(/\d/)
      expect(await page.getAttribute('#try-camera', 'aria-pressed')).toBe('true')
      await page.click('#try-camera')
      await page.waitForSelector('#try[aria-busy=false]', { state: 'attached' })
      expect(await page.getAttribute('#try-camera', 'aria-pressed')).toBe('false')
      // The last picture stays.
      expect(await page.textContent('#try-answer')).toMatch(/\d/)
    } finally {
      await filmed.close()
    }
  })

  test('a module above 8 MB, which a page starts in the background only', async () => {
    const wide = sequential(
      [flatten({ inputShape: [64, 64, 3] }), dense({ units: 200 }), dense({ units: 2, activation: 'softmax' })],
      { seed: 1 },
    )
    await wide.save(at('large.safetensors'))
    await wide.dispose()
    expect((await fovea(['export', at('large.safetensors'), '--to', at('large.wasm')])).code).toBe(0)
    expect(statSync(at('large.wasm')).size).toBeGreaterThan(8 * 2 ** 20)
    const page = await browser.newPage()
    await page.goto(`${origin}/`)
    const total = await page.evaluate(
      `import('/large.wasm.mjs').then(({ loadClassifier }) => loadClassifier(fetch('/large.wasm')))
        .then(classifier => classifier.probabilities(new Uint8Array(12288)).reduce((a, b) => a + b))`,
    )
    expect(total).toBeCloseTo(1, 6)
    await page.close()
  })
})

async function ended(child: ChildProcess): Promise<void> {
  const over = new Promise(resolve => child.on('close', resolve))
  child.kill('SIGKILL')
  await over
}
