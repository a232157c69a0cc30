import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { readRunLines } from 'fovea/internal/run/run-file'
import { encodeRunPictures, type RunPictures } from 'fovea/internal/run/run-pictures'
import { memoryFiles } from 'fovea/internal/store/memory-files'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { reviewApp } from './review-app.ts'
import { readReviewRun } from './review-run.ts'
import { reviewSession } from './review-session.ts'
import type { ReviewedSet, ReviewState } from './reviewed-set.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-review-'))
afterAll(() => rmSync(folder, { recursive: true }))

const date = '2026-11-30T12:00:00.000Z'
const pictures: RunPictures = {
  folder,
  classNames: ['a', 'b'],
  parts: {
    train: { files: ['b/10.png', 'b/9.png', 'a/1.png'], labels: [1, 1, 0] },
    test: { files: ['a/2 🙂.png'], labels: [0] },
  },
}
const commands = { again: 'fovea train --again run', apply: 'fovea review run --apply' }

async function opened(own = pictures) {
  const files = memoryFiles()
  await files.write('run/pictures.json', encodeRunPictures(own))
  const asked: (readonly string[])[] = []
  const session = await reviewSession(files, await readReviewRun(files, 'run'), () => date)
  const app = reviewApp({
    token: 'secret',
    session,
    commands,
    html: '<!doctype html>',
    script: 'start()',
    thumbnail: async places => {
      asked.push(places)
      if (places[0] === 'a/1.png') throw new UserError({ what: 'a/1.png is a damaged PNG file.' })
      return Uint8Array.of(1, 2, 3)
    },
  })
  const get = (path: string, init: RequestInit = {}, origin = 'http://127.0.0.1:4000') =>
    app.request(new Request(`${origin}/${path}`, init))
  const post = (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    get('secret/changes', { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  const log = async () =>
    (await files.exists('run/labels.jsonl'))
      ? readRunLines(new TextDecoder().decode(await files.read('run/labels.jsonl')))
      : []
  return { files, get, post, log, asked }
}

let review: Awaited<ReturnType<typeof opened>>
beforeEach(async () => {
  review = await opened()
})
const stateOf = async (response: Response | Promise<Response>): Promise<ReviewState> => {
  const { status, ...answer } = await Promise.resolve(response).then(async each => ({
    status: each.status,
    ...((await each.json()) as ReviewState),
  }))
  expect(status).toBe(200)
  return answer
}

describe('the review as HTTP', () => {
  it('serves its page, its script and the pictures by name, with a policy', async () => {
    const page = await review.get('secret/')
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html>'])
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await (await review.get('secret/review.js')).text()).toBe('start()')
    const set = (await (await review.get('secret/pictures')).json()) as ReviewedSet
    expect(set).toMatchObject({ run: 'run', folder, classNames: ['a', 'b'], logFile: 'run/labels.jsonl', commands })
    expect(set.pictures.map(({ file, part, trainedAs }) => [file, part, trainedAs])).toEqual([
      ['a/1.png', 'train', 0],
      ['a/2 🙂.png', 'test', 0],
      ['b/9.png', 'train', 1],
      ['b/10.png', 'train', 1],
    ])
    expect(set.state).toEqual({ labels: [0, 0, 1, 1], setAside: [], changes: 0 })
  })

  it('is nowhere without its token', async () => {
    for (const path of ['', 'pictures', 'changes', 'thumbnails/0', 'secre/', 'secrets/', 'SECRET/pictures'])
      expect((await review.get(path)).status, path).toBe(404)
    expect((await review.get('other/changes', { method: 'POST' })).status).toBe(404)
  })

  it('refuses other hosts and the pages of other sites', async () => {
    expect((await review.get('secret/', {}, 'http://evil.example:4000')).status).toBe(403)
    expect((await review.get('secret/', {}, 'http://127.0.0.1.evil.example')).status).toBe(403)
    const body = JSON.stringify({ type: 'set-aside', pictures: [0] })
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:4001', 'https://127.0.0.1:4000']) {
      const headers = { 'content-type': 'application/json', origin }
      expect((await review.get('secret/changes', { method: 'POST', headers, body })).status, origin).toBe(403)
    }
    expect(await review.log()).toEqual([])
    const headers = { 'content-type': 'application/json', origin: 'http://127.0.0.1:4000' }
    expect((await review.get('secret/changes', { method: 'POST', headers, body })).status).toBe(200)
  })

  it('gives pictures by number only', async () => {
    const small = await review.get('secret/thumbnails/1')
    expect([small.status, small.headers.get('content-type')]).toEqual([200, 'image/webp'])
    expect(review.asked).toEqual([['a/2 🙂.png']])
    const paths = ['4', '99999999999999999999', '-1', 'x', '1.5', '../run/pictures.json', '..%2f..%2fetc%2fpasswd', '']
    for (const path of paths) expect((await review.get(`secret/thumbnails/${path}`)).status, path).toBe(404)
    expect(review.asked).toHaveLength(1)
    const damaged = await review.get('secret/thumbnails/0')
    expect([damaged.status, await damaged.json()]).toEqual([404, { error: 'a/1.png is a damaged PNG file.' }])
  })

  it('writes every change at once, and takes it back', async () => {
    const relabelled = await stateOf(review.post({ type: 'relabel', pictures: [0, 2], to: 1 }))
    expect(relabelled).toEqual({ labels: [1, 0, 1, 1], setAside: [], changes: 1 })
    expect(await stateOf(review.post({ type: 'set-aside', pictures: [3] }))).toMatchObject({
      setAside: [3],
      changes: 2,
    })
    expect(await review.log()).toEqual([
      { type: 'relabel', files: ['a/1.png'], from: ['a'], to: 'b', date },
      { type: 'set-aside', files: ['b/10.png'], date },
    ])
    await stateOf(review.post({ type: 'undo' }))
    expect(await stateOf(review.post({ type: 'undo' }))).toEqual({ labels: [0, 0, 1, 1], setAside: [], changes: 0 })
    await stateOf(review.post({ type: 'undo' }))
    expect((await review.log()).map(({ type }) => type)).toEqual(['relabel', 'set-aside', 'undo', 'undo'])
  })

  it('takes changes that come together one after the other', async () => {
    const turns = Array.from({ length: 20 }, (_, turn) =>
      review.post({ type: 'relabel', pictures: [0], to: (turn + 1) % 2 }),
    )
    const states = await Promise.all(turns.map(stateOf))
    expect(states.at(-1)).toEqual({ labels: [0, 0, 1, 1], setAside: [], changes: 20 })
    expect(await review.log()).toHaveLength(20)
  })

  it('sees what another program added to the log', async () => {
    await review.files.append(
      'run/labels.jsonl',
      `${JSON.stringify({ type: 'set-aside', files: ['b/9.png'], date })}\n`,
    )
    expect(await stateOf(review.post({ type: 'relabel', pictures: [0], to: 1 }))).toEqual({
      labels: [1, 0, 1, 1],
      setAside: [2],
      changes: 2,
    })
  })

  it.each([
    ['no JSON', '{'],
    ['another type', { type: 'delete', pictures: [0] }],
    ['a picture that is none', { type: 'set-aside', pictures: [4] }],
    ['a path for a picture', { type: 'set-aside', pictures: ['/etc/passwd'] }],
    ['a class that is none', { type: 'relabel', pictures: [0], to: 2 }],
    ['no class', { type: 'relabel', pictures: [0] }],
  ])('refuses %s, and writes nothing', async (_, body) => {
    const response = await review.post(body)
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: string }).error).toMatch(/\S/)
    expect(await review.log()).toEqual([])
  })

  it('refuses forms, which any site can send', async () => {
    const body = JSON.stringify({ type: 'set-aside', pictures: [0] })
    expect((await review.post(body, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await review.post(body, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    expect(await review.log()).toEqual([])
  })

  it('says that the log is damaged, and leaves it', async () => {
    await review.files.append('run/labels.jsonl', 'oh\n')
    const response = await review.post({ type: 'undo' })
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: string }).error).toMatch(/line 1 of run\/labels\.jsonl is damaged/)
  })

  it('changes twenty thousand pictures at once', async () => {
    const files = Array.from({ length: 20_000 }, (_, index) => `a/${index}.png`)
    const many = await opened({ ...pictures, parts: { train: { files, labels: files.map(() => 0) } } })
    const state = await stateOf(many.post({ type: 'relabel', pictures: files.map((_, index) => index), to: 1 }))
    expect(state.labels.every(label => label === 1)).toBe(true)
    expect((await many.log())[0]?.['files']).toHaveLength(20_000)
    expect((await stateOf(many.post({ type: 'undo' }))).labels.every(label => label === 0)).toBe(true)
  })
})

describe('a run to review', () => {
  it('is one of own pictures that are there', async () => {
    const files = memoryFiles()
    await expect(readReviewRun(files, 'run')).rejects.toThrow(/run holds no run/)
    await files.write('run/run.jsonl', new TextEncoder().encode('{"type":"run"}\n'))
    await expect(readReviewRun(files, 'run')).rejects.toThrow(/without pictures of your own/)
    const elsewhere = { ...pictures, folder: join(folder, 'nowhere') }
    await files.write('run/pictures.json', encodeRunPictures(elsewhere))
    await expect(readReviewRun(files, 'run')).rejects.toThrow(/are not there any more[\s\S]*nowhere/)
  })
})
