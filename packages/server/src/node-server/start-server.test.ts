/** A server over real sockets: what it opens, what it refuses, models that change while it runs, its end. */
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng } from '@fovea/pictures/internal/encode'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { colours, plainPicture } from '../serving/served.testing.ts'
import type { RequestRecord } from './front.ts'
import { type RunningServer, type ServerOptions, startServer } from './start-server.ts'

let folder: string
let picture: Uint8Array<ArrayBuffer>
let server: RunningServer | undefined
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-server-'))
  const model = colours()
  await model.save(at('colours.safetensors'))
  await model.dispose()
  const { width, height, data } = plainPicture(10, 200, 30)
  picture = new Uint8Array(await encodePng({ width, height, channels: 3, data: Uint8Array.from(data) }))
})
afterEach(async () => {
  await server?.close()
  server = undefined
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function start(options: Partial<ServerOptions> = {}): Promise<string> {
  server = await startServer({ models: at('colours.safetensors'), port: 0, threads: 1, poll: 0, ...options })
  return server.url
}
const put = (url: string, headers: Record<string, string> = {}) => fetch(url, { method: 'PUT', body: picture, headers })

test('a picture is answered; page, figures, metrics and the story of requests', async () => {
  const story: RequestRecord[] = []
  const url = await start({ onRequest: record => story.push(record) })
  const answer = await put(`${url}/cat.png`, { 'x-request-id': 'mine-1' })
  expect(answer.headers.get('x-request-id')).toBe('mine-1')
  expect((await answer.json()).map(({ className }: { className: string }) => className).sort()).toEqual([
    'blue',
    'green',
    'red',
  ])
  const page = await fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' } })
  expect([page.headers.get('content-type'), page.headers.get('content-security-policy')]).toEqual([
    'text/html; charset=utf-8',
    expect.stringContaining("default-src 'none'"),
  ])
  expect(await (await fetch(`${url}/figures.json`)).json()).toMatchObject({
    requests: 1,
    models: [{ name: 'colours', input: [4, 4, 3], classNames: ['red', 'green', 'blue'] }],
  })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(/^fovea_pictures_total{model="colours",version="1"} 1$/m)
  expect(metrics).toMatch(/^fovea_batch_pictures_bucket{le="1"} 1$/m)
  expect(story[0]).toMatchObject({ id: 'mine-1', method: 'PUT', path: '/cat.png', status: 200 })
})

test('explanations: where the network looked, by Grad-CAM and by occlusion', async () => {
  const url = await start()
  for (const method of ['grad-cam', 'occlusion']) {
    const body = JSON.stringify({ instances: [{ b64: Buffer.from(picture).toString('base64') }], method })
    const response = await fetch(`${url}/v1/models/colours:explain`, { method: 'POST', body })
    const { explanations } = await response.json()
    expect(explanations).toMatchObject([{ method, className: expect.any(String), heat: expect.any(Array) }])
    const heat: number[] = explanations[0].heat.flat()
    expect(heat.every(value => value >= 0 && value <= 1)).toBe(true)
  }
})

test('nothing is open but to its own machine, by its own name; with a token to nobody without', async () => {
  const secret = 'a-secret-of-some-length'
  const url = await start({ token: secret })
  expect((await put(`${url}/x`)).status).toBe(401)
  expect((await put(`${url}/x`, { authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await put(`${url}/x`, { authorization: `Bearer ${secret}` })).status).toBe(200)
  expect((await fetch(`${url}/metrics`)).status).toBe(401)
  expect((await fetch(`${url}/v2/health/ready`)).status).toBe(200)
  expect(await (await fetch(url)).json()).toEqual({ status: 'alive' })
  expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(200)
  expect((await fetch(url, { method: 'POST', body: 'a picture' })).status).toBe(401)
  const port = Number(new URL(url).port)
  expect(await raw(port, `GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 403/,
  )
  const other = await put(`${url}/x`, { authorization: `Bearer ${secret}`, origin: 'https://evil.example' })
  expect(other.status).toBe(403)
})

test('pages of sites that are named may ask, the question before without a token', async () => {
  const secret = 'a-secret-of-some-length'
  const origin = 'https://mine.example'
  const url = await start({ token: secret, origins: [origin] })
  const question = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' }
  const asked = await fetch(`${url}/x`, { method: 'OPTIONS', headers: { origin, ...question } })
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin])
  const answered = await put(`${url}/x`, { authorization: `Bearer ${secret}`, origin })
  expect([answered.status, answered.headers.get('access-control-allow-origin')]).toEqual([200, origin])
  const other = await put(`${url}/x`, { authorization: `Bearer ${secret}`, origin: 'https://evil.example' })
  expect(other.status).toBe(403)
})

const raw = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', bytes => {
      answer += bytes
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })

test('versions: the newest is asked, labels name others, a new one takes over, a damaged one does not', async () => {
  const versions = at('versions')
  const put1 = (version: number, file = 'colours.safetensors') => {
    mkdirSync(join(versions, `.${version}`), { recursive: true })
    if (file) copyFileSync(at(file), join(versions, `.${version}`, 'model.safetensors'))
    renameSync(join(versions, `.${version}`), join(versions, String(version)))
  }
  put1(1)
  put1(2)
  writeFileSync(join(versions, 'labels.json'), '{"stable": 1}')
  const said: string[] = []
  const url = await start({ models: { colours: versions }, onModels: line => said.push(line) })
  const versionsNow = async () =>
    (await (await fetch(`${url}/v1/models/colours`)).json()).model_version_status.map(
      ({ version, state }: { version: string; state: string }) => `${version} ${state}`,
    )
  const status = async (place: string) => (await put(`${url}/models/colours${place}`)).status
  expect(await versionsNow()).toEqual(['2 AVAILABLE', '1 AVAILABLE'])
  expect([
    await status(''),
    await status('/labels/stable'),
    await status('/labels/canary'),
    await status('/versions/9'),
  ]).toEqual([200, 200, 404, 404])
  writeFileSync(at('damaged.safetensors'), 'no model')
  put1(3, 'damaged.safetensors')
  await server!.look()
  expect(await versionsNow()).toEqual(['3 END', '2 AVAILABLE', '1 AVAILABLE'])
  expect(said.at(-1)).toContain('version 3 cannot be served')
  expect([await status(''), await status('/versions/3')]).toEqual([200, 503])
  // A server that begins now serves the newest that can be loaded, too.
  const later = await startServer({ models: { colours: versions }, port: 0, threads: 1, poll: 0 })
  expect((await put(`${later.url}/models/colours`)).status).toBe(200)
  await later.close()
  put1(4)
  writeFileSync(join(versions, 'labels.json'), '{"canary": 4}')
  await server!.look()
  expect(await status('/labels/canary')).toBe(200)
  await expect.poll(versionsNow).toEqual(['4 AVAILABLE'])
})

test('a file that is replaced is served anew; one that is gone goes on', async () => {
  const file = at('changing.safetensors')
  copyFileSync(at('colours.safetensors'), file)
  const url = await start({ models: file })
  const before = await (await put(`${url}/x`)).json()
  const other = colours()
  const weights = await other.getWeights()
  await other.setWeights(
    weights.map(weight => ({ ...weight, data: weight.data.map((value, index) => value + (index % 3)) })),
  )
  await other.save(at('new.safetensors'))
  await other.dispose()
  renameSync(at('new.safetensors'), file)
  await server!.look()
  expect(await (await put(`${url}/x`)).json()).not.toEqual(before)
  rmSync(file)
  await server!.look()
  expect((await put(`${url}/x`)).status).toBe(200)
})

test('too slow: 408; too large: 413', async () => {
  const url = await start({ patience: 1, maxBytes: 1000 })
  const { port } = new URL(url)
  const head = `PUT /x HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 900\r\n\r\n`
  expect(await raw(Number(port), head)).toMatch(/^HTTP\/1.1 408/)
  const large = await fetch(`${url}/x`, { method: 'PUT', body: new Uint8Array(2000) })
  expect(large.status).toBe(413)
})

test('its end: what was taken is answered, and nobody is taken any more', async () => {
  const url = await start({ maxBatch: 1 })
  const asked = Array.from({ length: 40 }, () => put(`${url}/x`))
  await asked[0]
  const closing = server!.close()
  const answers = await Promise.allSettled(asked)
  await closing
  // A connection that was not taken yet is refused as a whole: no request is lost half-way.
  const answered = answers.flatMap(each => (each.status === 'fulfilled' ? [each.value.status] : []))
  expect(new Set(answered)).toEqual(new Set([200]))
  await expect(put(`${url}/x`)).rejects.toThrow()
})

test('nothing to serve, a port that is taken, a name that cannot be', async () => {
  await expect(startServer({ models: at('none'), port: 0 })).rejects.toThrow('There is no model at')
  await expect(startServer({ models: at('damaged.safetensors'), port: 0 })).rejects.toThrow('cannot be served')
  await expect(startServer({ models: { 'a/b': at('colours.safetensors') } })).rejects.toThrow('a name without')
  const url = await start()
  await expect(start({ port: Number(new URL(url).port) })).rejects.toThrow('cannot listen')
})
