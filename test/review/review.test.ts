/** `fovea review RUN`: the page is there for its address alone until Ctrl-C; files are moved and come back on request only. */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../packages/cli/src/command/run-cli.ts'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import { callFovea } from '../cli/fovea-call.testing.ts'
import { makeOwnRun } from './own-run.testing.ts'

let folder: string
let pictures: string
let run: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-review-'))
  ;({ pictures, run } = await makeOwnRun(folder, 4))
})
afterEach(() => rmSync(folder, { recursive: true }))

const date = '2026-11-30T12:00:00.000Z'
const log = (...lines: readonly object[]): void =>
  appendFileSync(join(run, 'labels.jsonl'), lines.map(line => `${JSON.stringify({ ...line, date })}\n`).join(''))
const filesOf = (name: string): string[] => (existsSync(join(pictures, name)) ? readdirSync(join(pictures, name)) : [])

/** Serves the review, does this with its address, and ends it as Ctrl-C does. */
async function served(words: readonly string[], look: (address: string) => Promise<void>) {
  const controller = new AbortController()
  let text = ''
  let looked: Promise<void> | undefined
  const output = {
    write(written: string) {
      text += written
      const address = /http:\S+/.exec(text)?.[0]
      if (address !== undefined) looked ??= look(address).finally(() => controller.abort())
    },
    isTerminal: false,
    columns: 80,
  }
  const code = await runCli(
    words,
    {
      ...{ stdout: output, stderr: output, env: {}, program: 'fovea', stdin: () => Readable.from([]) },
      interruptible: work => work(controller.signal),
    },
    verbs,
  )
  await looked
  return { code, text }
}

test('the page, its pictures and its changes are at the printed address, until it ends', async () => {
  let place = ''
  const call = await served(['review', run], async address => {
    place = address
    const { hostname, pathname } = new URL(address)
    expect([hostname, /^\/[0-9a-f]{32}\/$/.test(pathname)]).toEqual(['127.0.0.1', true])
    expect(await (await fetch(address)).text()).toContain('<title>Review: Fovea</title>')
    expect((await fetch(new URL('/', address))).status).toBe(404)
    const small = await fetch(new URL('thumbnails/0', address))
    expect([small.status, small.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const changed = await fetch(new URL('changes', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'relabel', pictures: [0], to: 1 }),
    })
    expect(changed.status).toBe(200)
  })
  expect(call.code).toBe(0)
  expect(call.text).toMatch(
    /1 change in .*labels\.jsonl: 1 picture relabelled, 0 set aside\.[\s\S]*Next: fovea train --again/,
  )
  await expect(fetch(place)).rejects.toThrow()
  expect(readFileSync(join(run, 'labels.jsonl'), 'utf8')).toMatch(/^\{"type":"relabel","files":\["[^"]+"\],/)
  expect([filesOf('dark').length, filesOf('light').length]).toEqual([4, 4])
})

test('a port that is taken is told', async () => {
  await served(['review', run], async address => {
    const call = await callFovea(['review', run, '--port', new URL(address).port])
    expect([call.code, call.stderr]).toEqual([1, expect.stringMatching(/cannot be served at port \d+/)])
  })
})

test('files are moved where that is asked for, never over another, and come back', async () => {
  log(
    { type: 'relabel', files: ['dark/0.png', 'dark/1.png'], from: ['dark', 'dark'], to: 'light' },
    { type: 'set-aside', files: ['light/3.png'] },
    { type: 'undo' },
    { type: 'set-aside', files: ['light/2.png'] },
  )
  const before = readFileSync(join(pictures, 'dark', '0.png'))
  const plan = await callFovea(['review', run, '--plan'])
  expect(plan.stdout).toMatch(/dark\/0\.png → light\/0 \(2\)\.png[\s\S]*light\/2\.png → \.set-aside\/light\/2\.png/)
  expect(filesOf('dark')).toHaveLength(4)

  const applied = await callFovea(['review', run, '--apply'])
  expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('3 files moved.')])
  expect(filesOf('dark')).toEqual(['2.png', '3.png'])
  expect(filesOf('light')).toEqual(['0 (2).png', '0.png', '1 (2).png', '1.png', '3.png'])
  expect(filesOf('.set-aside/light')).toEqual(['2.png'])
  expect(readFileSync(join(pictures, 'light', '0 (2).png'))).toEqual(before)
  expect((await callFovea(['review', run, '--apply'])).stdout).toContain('All files')

  // A moved picture is shown from where it lies.
  await served(['review', run], async address => {
    for (const number of [0, 1, 6]) expect((await fetch(new URL(`thumbnails/${number}`, address))).status).toBe(200)
  })

  const back = await callFovea(['review', run, '--undo-apply', '--json'])
  expect(JSON.parse(back.stdout)).toMatchObject({ changes: 2, relabelled: 2, setAside: 1, notMoved: [] })
  expect([filesOf('dark').length, filesOf('light').length, filesOf('.set-aside/light').length]).toEqual([4, 4, 0])
})

test('a file that cannot be moved is named, and the others are moved', async () => {
  log({ type: 'relabel', files: ['dark/0.png', 'dark/1.png'], from: ['dark', 'dark'], to: 'light' })
  rmSync(join(pictures, 'dark', '0.png'))
  const call = await callFovea(['review', run, '--apply'])
  expect([call.code, call.stderr]).toEqual([
    1,
    expect.stringMatching(/dark\/0\.png is not moved: it is not there any more/),
  ])
  expect(filesOf('light')).toContain('1 (2).png')
})

test('pictures of a table are shown, and none is moved', async () => {
  const list = join(run, 'pictures.json')
  const table = join(pictures, 'labels.csv')
  writeFileSync(table, 'file,label\n')
  writeFileSync(list, JSON.stringify({ ...JSON.parse(readFileSync(list, 'utf8')), folder: table }))
  log({ type: 'relabel', files: ['dark/0.png'], from: ['dark'], to: 'light' })
  const call = await callFovea(['review', run, '--apply'])
  expect([call.code, call.stderr]).toEqual([
    1,
    expect.stringMatching(/stand in .*labels\.csv[\s\S]*mend the table by hand/),
  ])
  expect(filesOf('dark')).toHaveLength(4)
  await served(['review', run], async address => {
    expect((await fetch(new URL('thumbnails/0', address))).status).toBe(200)
  })
})

test.each([
  ['--plan and --apply together', ['--plan', '--apply'], 2, /exclude each other/],
  ['--port with --apply', ['--port', '4000', '--apply'], 2, /exclude each other/],
])('%s are refused', async (_, options, code, message) => {
  const call = await callFovea(['review', run, ...options])
  expect([call.code, call.stderr]).toEqual([code, expect.stringMatching(message)])
})

test('a damaged log is told with its line, and a run without own pictures is told', async () => {
  writeFileSync(join(run, 'labels.jsonl'), '{"type":"relabel"}\n')
  const damaged = await callFovea(['review', run, '--plan'])
  expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringMatching(/Line 1 of .*labels\.jsonl/)])
  rmSync(join(run, 'pictures.json'))
  expect((await callFovea(['review', run])).stderr).toMatch(/is a run without pictures of your own/)
})
