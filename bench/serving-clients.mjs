/**
 * Clients that ask a server: so many connections, each with the next request when the last is answered, or all together at a rate. In: address,
 * picture file, connections, requests a second (0: as many as are answered), seconds. Out: a line of JSON (`Load` in serving.ts).
 */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'

const [url = '', file = '', ...numbers] = process.argv.slice(2)
const [connections = 1, rate = 0, seconds = 1] = numbers.map(Number)
const body = readFileSync(file)
const agent = new Agent({ keepAlive: true, maxSockets: connections })
/** @type {number[]} */
let times = []
let failed = 0

/** @returns {Promise<void>} */
function ask() {
  const started = performance.now()
  return new Promise(resolve => {
    const done = (/** @type {boolean} */ isAnswered) => {
      if (isAnswered) times.push(performance.now() - started)
      else failed++
      resolve()
    }
    const sent = request(url, { method: 'POST', agent }, response => {
      response.resume()
      response.on('end', () => done(response.statusCode === 200))
    })
    sent.on('error', () => done(false))
    sent.end(body)
  })
}

/** As fast as answers come. @param {number} time milliseconds */
async function closed(time) {
  const end = performance.now() + time
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) await ask()
    }),
  )
}

/** At a rate, whether answers come or not. @param {number} time milliseconds */
async function open(time) {
  const begin = performance.now()
  /** @type {Promise<void>[]} */
  const all = []
  for (let sent = 0; performance.now() - begin < time; ) {
    const due = ((performance.now() - begin) / 1000) * rate
    for (; sent < due; sent++) all.push(ask())
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  await Promise.all(all)
}

await closed(1000)
times = []
failed = 0
const started = performance.now()
await (rate > 0 ? open(seconds * 1000) : closed(seconds * 1000))
const took = (performance.now() - started) / 1000
times.sort((a, b) => a - b)
const at = (/** @type {number} */ share) => times[Math.floor(share * (times.length - 1))] ?? 0
process.stdout.write(JSON.stringify({ perSecond: times.length / took, failed, median: at(0.5), p99: at(0.99) }))
agent.destroy()
