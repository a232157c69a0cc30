import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { fileSha256 } from './checksum.ts'
import { type DownloadOptions, type DownloadProgress, download } from './download.ts'
import { type Answer, cutAfter, inTurn, serve, startServer, status, type TestServer } from './http-server.testing.ts'
import { ownProcess } from './running.ts'

const content = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255)
const wrong = content.map(byte => byte ^ 1)

let folder: string
let servers: TestServer[]

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fovea-download-'))
  servers = []
})

afterEach(async () => {
  for (const server of servers) await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function hosts(...answers: Answer[]): Promise<string[]> {
  for (const answer of answers) servers.push(await startServer(answer))
  return servers.map(server => `${server.url}file.bin`)
}

async function fetchFrom(urls: readonly string[], more: Partial<DownloadOptions> = {}): Promise<void> {
  const check = async (file: string) => {
    if (fileSha256(await readFile(file)) !== fileSha256(content))
      throw new UserError({ what: `${file} has other bytes.` })
  }
  await download({ urls, target: path.join(folder, 'file.bin'), check, bytes: content.length, stallMs: 5000, ...more })
}

async function expectWhole(): Promise<void> {
  expect(await readdir(folder)).toEqual(['file.bin'])
  expect(fileSha256(await readFile(path.join(folder, 'file.bin')))).toBe(fileSha256(content))
}

describe('download', () => {
  it('reports progress from the first byte to the last', async () => {
    const seen: DownloadProgress[] = []
    await fetchFrom(await hosts(serve(content)), { onProgress: progress => seen.push(progress) })
    await expectWhole()
    expect(seen[0]).toEqual({ file: 'file.bin', host: new URL(servers[0]!.url).host, received: 0, total: 300_000 })
    expect(seen.at(-1)!.received).toBe(300_000)
  })

  it.each([404, 403, 500, 503])('goes to the next host on HTTP %i', async code => {
    await fetchFrom(await hosts(status(code), serve(content)))
    await expectWhole()
    expect(servers[1]!.ranges).toEqual(['none'])
  })

  it('goes to the next host when the connection is refused', async () => {
    const gone = await startServer(serve(content))
    await gone.close()
    await fetchFrom([`${gone.url}file.bin`, ...(await hosts(serve(content)))])
    await expectWhole()
  })

  it('says in words that a host refuses', async () => {
    const gone = await startServer(serve(content))
    await gone.close()
    await expect(fetchFrom([`${gone.url}file.bin`])).rejects.toThrow(
      /file\.bin: the host refuses the connection \(ECONNREFUSED\)/,
    )
  })

  it('says that the folder of the target cannot be made', async () => {
    await writeFile(path.join(folder, 'taken'), '')
    const target = path.join(folder, 'taken', 'file.bin')
    const failure = download({ urls: await hosts(serve(content)), target, check: async () => {} })
    await expect(failure).rejects.toThrow(/The folder \S+taken cannot be made/)
  })

  it('goes to the next host when no answer comes', async () => {
    await fetchFrom(await hosts(() => {}, serve(content)), { stallMs: 250 })
    await expectWhole()
  })

  it('goes to the next host when the bytes stop coming, and asks it for the rest only', async () => {
    const stall: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 100_000))
    }
    await fetchFrom(await hosts(stall, serve(content)), { stallMs: 250 })
    await expectWhole()
    expect(servers[1]!.ranges).toEqual(['bytes=100000-'])
  })

  it('takes a cut connection up where it broke', async () => {
    await fetchFrom(await hosts(inTurn(cutAfter(120_000, content), serve(content))))
    await expectWhole()
    expect(servers[0]!.ranges).toEqual(['none', 'bytes=120000-'])
  })

  it('starts again when the host knows no ranges', async () => {
    const whole: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length }).end(content)
    }
    await fetchFrom(await hosts(inTurn(cutAfter(120_000, content), whole)))
    await expectWhole()
  })

  it('gives up on a host that is cut again and again without a byte', async () => {
    await fetchFrom(
      await hosts(
        inTurn(cutAfter(120_000, content), (_, response) => response.destroy()),
        serve(content),
      ),
    )
    await expectWhole()
    expect(servers[0]!.ranges.length).toBe(2)
    expect(servers[1]!.ranges).toEqual(['bytes=120000-'])
  })

  it('refuses a wrong checksum and goes to the next host from zero', async () => {
    await fetchFrom(await hosts(serve(wrong), serve(content)))
    await expectWhole()
    expect(servers[1]!.ranges).toEqual(['none'])
  })

  it('blames the earlier bytes first when a resumed file is wrong', async () => {
    await fetchFrom(await hosts(inTurn(cutAfter(120_000, wrong), status(500)), serve(content)))
    await expectWhole()
    expect(servers[1]!.ranges).toEqual(['bytes=120000-', 'none'])
  })

  it('continues what a process that is gone has left', async () => {
    // No process has this number: it is above the largest that systems give.
    await writeFile(path.join(folder, 'file.bin.2147483646.part'), content.subarray(0, 200_000))
    await fetchFrom(await hosts(serve(content)))
    await expectWhole()
    expect(servers[0]!.ranges).toEqual(['bytes=200000-'])
  })

  it('starts again when what was left is longer than the file', async () => {
    await writeFile(path.join(folder, 'file.bin.2147483646.part'), new Uint8Array(300_001))
    await fetchFrom(await hosts(serve(content)))
    await expectWhole()
    expect(servers[0]!.ranges).toEqual(['bytes=300001-', 'none'])
  })

  it('moves the file into place only when it is whole and checked', async () => {
    let during: string[] = []
    await fetchFrom(await hosts(serve(content)), {
      check: async file => {
        during = await readdir(folder)
        expect(fileSha256(await readFile(file))).toBe(fileSha256(content))
      },
    })
    expect(during).toEqual([`file.bin.${ownProcess()}.part`])
    await expectWhole()
  })

  it('says for each host what went wrong, and leaves nothing behind', async () => {
    const urls = await hosts(status(404), serve(wrong), () => {})
    const failure = fetchFrom(urls, { stallMs: 250 })
    await expect(failure).rejects.toThrow(UserError)
    await expect(failure).rejects.toThrow(
      new RegExp(
        `file.bin could not be downloaded.\n[\\s\\S]*${urls[0]}: HTTP 404[\\s\\S]*${urls[1]}: what came has other bytes[\\s\\S]*${urls[2]}: no byte came for 0.25 s`,
      ),
    )
    expect(await readdir(folder)).toEqual([])
  })

  it('stops when told so and keeps what it has for the next time', async () => {
    const stopping = new AbortController()
    const slow: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 50_000), () => setTimeout(() => stopping.abort(new Error('stopped')), 50))
    }
    const urls = await hosts(inTurn(slow, serve(content)))
    await expect(fetchFrom(urls, { signal: stopping.signal, stallMs: 5000 })).rejects.toThrow('stopped')
    expect(await readdir(folder)).toEqual([`file.bin.${ownProcess()}.part`])
    await fetchFrom(urls)
    await expectWhole()
    expect(servers[0]!.ranges[1]).toBe('bytes=50000-')
  })

  it('works without a known size', async () => {
    const chunked: Answer = (_, response) => {
      response.writeHead(200)
      response.write(content.subarray(0, 1000))
      response.end(content.subarray(1000))
    }
    const check = async (file: string) => expect((await readFile(file)).length).toBe(content.length)
    await download({ urls: await hosts(chunked), target: path.join(folder, 'file.bin'), check })
    await expectWhole()
  })
})
