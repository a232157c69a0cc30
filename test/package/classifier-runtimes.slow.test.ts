/**
 * An exported classifier where it is meant for: Node, Deno, Bun, a worker at the edge (workerd), a page and a service worker in Chromium, and a host
 * of WebAssembly alone. Everywhere the same bits. Runtimes come from the registry.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { zooModel } from '../../packages/fovea/src/network/zoo/zoo.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { ensureBuilt, fovea } from '../cli/fovea-process.testing.ts'
import { hasChromium, launchChromium } from './chromium.testing.ts'

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
    expect(problems).toEqual([])
    await page.close()
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function ended(child: ChildProcess): Promise<void> {
  const over = new Promise(resolve => child.on('close', resolve))
  child.kill('SIGKILL')
  await over
}
