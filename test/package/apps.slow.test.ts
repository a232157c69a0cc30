/**
 * The projects of examples/apps, each installed from packed packages, started, asked and stopped. Docker and Kubernetes are not here: of their
 * files, the command and the addresses are tried against the server.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { conv2d, dense, flatten, rescaling, sequential } from '../../packages/fovea/src/index.ts'
import { encodePng } from '../../packages/pictures/src/encode.ts'
import { fovea } from '../cli/fovea-process.testing.ts'
import { root } from '../source-files.testing.ts'
import { chromiumPath, hasChromium, launchChromium } from './chromium.testing.ts'
import { freePort } from './free-port.testing.ts'
import { type InstalledProject, installedProject } from './installed-project.testing.ts'
import { serveFolder } from './static-server.testing.ts'

const isLinux = process.platform === 'linux' && process.arch === 'x64'
const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

let project: InstalledProject
let picture: Uint8Array<ArrayBuffer>
let expected: unknown
let running: ChildProcess | undefined
const place = (...parts: string[]): string => join(project.folder, ...parts)

beforeAll(async () => {
  project = installedProject(
    ['@hono/node-server', 'hono'],
    [
      ...['express@5', 'next@16', 'react@19', 'react-dom@19', 'vite@8'],
      ...(isLinux ? ['@cloudflare/workerd-linux-64@1'] : []),
    ],
  )
  const model = sequential(
    [
      rescaling({ scale: 1 / 255, inputShape: [16, 16, 3] }),
      conv2d({ filters: 6, kernelSize: 3, activation: 'relu' }),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 4 },
  )
  model.classNames = ['cat', 'dog', 'fish']
  const { width, height, data } = {
    width: 24,
    height: 20,
    data: Uint8Array.from({ length: 1440 }, (_, at) => (at * 11) & 255),
  }
  picture = new Uint8Array(await encodePng({ width, height, channels: 3, data }))
  expected = JSON.parse(JSON.stringify(await model.classify(picture)))
  for (const app of ['hono', 'express', 'next', 'worker', 'window', 'camera']) {
    cpSync(join(root, 'examples/apps', app), place(app), { recursive: true })
    await model.save(app === 'camera' ? place(app, 'public/model.safetensors') : place(app, 'model.safetensors'))
  }
  await model.dispose()
}, 600_000)
afterEach(async () => {
  if (!running || running.exitCode !== null) return
  const over = new Promise(resolve => running!.on('close', resolve))
  running.kill('SIGKILL')
  await over
})
afterAll(() => project?.remove())

/** Starts a program in the folder of an app. What it writes is kept for a failure. */
function start(app: string, program: string, words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(program, words, {
    cwd: place(app),
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running = child
  let said = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', text => {
      said += text
    })
  return { child, said: () => said }
}

/** The answer to a picture, as soon as there is one. */
async function answerAt(url: string, said: () => string, body: BodyInit = picture): Promise<unknown> {
  let answer: unknown
  await expect
    .poll(async () => {
      const response = await fetch(url, { method: 'POST', body }).catch(() => undefined)
      answer = await response?.json().catch(() => undefined)
      return response?.status ?? said()
    })
    .toBe(200)
  return answer
}

test.each(['hono', 'express'])('%s', async app => {
  const port = await freePort()
  const { said } = start(app, process.execPath, ['server.js'], { PORT: String(port) })
  const path = app === 'hono' ? '/ml/models/photos' : '/classify'
  expect(await answerAt(`http://127.0.0.1:${port}${path}`, said)).toEqual(expected)
  const wrong = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: 'no picture' })
  expect(wrong.status).toBe(400)
})

test('next: built, started, asked', async () => {
  project.run('next', 'build', 'next')
  const port = await freePort()
  const next = place('node_modules/next/dist/bin/next')
  const { said } = start('next', process.execPath, [next, 'start', '--port', String(port)])
  expect(await answerAt(`http://127.0.0.1:${port}/api/classify`, said)).toEqual(expected)
})

test.skipIf(!isLinux)('worker: an exported classifier in workerd', async () => {
  const { code, stderr } = await fovea([
    'export',
    place('worker/model.safetensors'),
    '--to',
    place('worker/classifier.wasm'),
  ])
  expect(code, stderr).toBe(0)
  const port = await freePort()
  const config = readFileSync(place('worker/config.capnp'), 'utf8')
  writeFileSync(place('worker/config.capnp'), config.replace(':8787', `:${port}`))
  const { said } = start('worker', place('node_modules/@cloudflare/workerd-linux-64/bin/workerd'), [
    'serve',
    'config.capnp',
  ])
  const data = Uint8Array.from({ length: 1440 }, (_, index) => (index * 11) & 255)
  expect(await answerAt(`http://127.0.0.1:${port}/?width=24&height=20`, said, data)).toEqual(expected)
  const wrong = await fetch(`http://127.0.0.1:${port}/?width=2&height=20`, { method: 'POST', body: data })
  expect(wrong.status).toBe(400)
})

describe.skipIf(noBrowser)('with a browser', () => {
  test('window: the page of the server in a Chromium that ends with it', async () => {
    const { child, said } = start(
      'window',
      process.execPath,
      ['window.js', '--headless', '--no-sandbox', '--disable-quic', '--disable-sync'],
      { CHROMIUM: chromiumPath },
    )
    await expect.poll(said).toMatch(/The window shows http:\/\/127\.0\.0\.1:\d+/)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said())![0]
    expect(await answerAt(`${url}/models/model`, said)).toEqual(expected)
    const over = new Promise(resolve => child.on('close', resolve))
    child.kill('SIGTERM')
    expect(await over).toBe(0)
  })

  test('camera: a page of Vite says what it sees', async () => {
    project.run('vite', 'build', 'camera')
    const server = await serveFolder(place('camera/dist'))
    const browser = await launchChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'])
    try {
      const page = await browser.newPage()
      await page.goto(server.url)
      await page.click('#start')
      await page.waitForFunction(() =>
        /^(cat|dog|fish) \(\d+ %\)$/.test(document.getElementById('answer')!.textContent!),
      )
    } finally {
      await browser.close()
      await server.close()
    }
  })
})

test('docker and kubernetes: the command starts, and the addresses of the probes are answered', async () => {
  const dockerfile = readFileSync(join(root, 'examples/apps/docker/Dockerfile'), 'utf8')
  const words = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)![1]!) as string[]
  const port = await freePort()
  const own = words.map(word => word.replace('/models/photos', place('hono')).replace('0.0.0.0', '127.0.0.1'))
  const { said } = start('.', process.execPath, [...own, '--port', String(port)])
  expect(await answerAt(`http://127.0.0.1:${port}/models/photos`, said)).toEqual(expected)
  const manifest = readFileSync(join(root, 'examples/apps/kubernetes/classifier.yaml'), 'utf8')
  const probes = [...manifest.matchAll(/path: (\/[\w/]+)/g)].map(([, path]) => path!)
  expect(probes.sort()).toEqual(['/metrics', '/v2/health/live', '/v2/health/ready'])
  for (const path of [...probes, new URL(/http:[^']+/.exec(dockerfile)![0]).pathname])
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status, path).toBe(200)
})
