/** A local HTTP server for tests of the download: each host answers by its own script and counts what was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface TestServer {
  /** Ends in a slash. */
  readonly url: string
  /** The Range header of each request, `none` without one. */
  readonly ranges: string[]
  close(): Promise<void>
}

export async function startServer(answer: Answer): Promise<TestServer> {
  const ranges: string[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? 'none')
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ranges,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Gives the whole file, or the range asked for. */
export function serve(file: Uint8Array): Answer {
  return (request, response) => {
    const match = /^bytes=(\d+)-/.exec(request.headers.range ?? '')
    if (match === null) {
      response.writeHead(200, { 'content-length': file.length }).end(file)
      return
    }
    const start = Number(match[1])
    if (start >= file.length) {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end()
      return
    }
    const headers = {
      'content-length': file.length - start,
      'content-range': `bytes ${start}-${file.length - 1}/${file.length}`,
    }
    response.writeHead(206, headers).end(file.subarray(start))
  }
}

/** Announces the whole file and cuts the connection after `bytes` bytes. */
export function cutAfter(bytes: number, file: Uint8Array): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': file.length })
    response.write(file.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20))
  }
}

/** Answers the first request by the first, the second by the second …; the last one for all that follow. */
export function inTurn(...answers: Answer[]): Answer {
  let turn = 0
  return (request, response) => answers[Math.min(turn++, answers.length - 1)]!(request, response)
}

export const status =
  (code: number): Answer =>
  (_, response) => {
    response.writeHead(code).end('<html>not what was asked for</html>')
  }
