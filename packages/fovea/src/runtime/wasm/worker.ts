/**
 * The program of a compute thread, as source text: it must start from a bundle, from a package and in Node alike, without a
 * file of its own (Node: evaluated; browser: a Blob URL). It instantiates modules on the shared memory and runs steps on demand.
 *
 * In:  { load: { module, memory, thread, threads, scratch, profile, abortAddress } }
 *      { run: { entry, rows: [n …], feed, feedStride, result, resultStride } }
 * Out: { ready: true } · { done: true } · { failed: message, aborted: whether another thread failed first }
 */
export const workerSource = `
'use strict'
const inNode = typeof require === 'function'
const port = inNode ? require('node:worker_threads').parentPort : self
const send = message => port.postMessage(message)
let state
let abort
const entries = {}

async function load({ module, memory, thread, threads, scratch, profile, abortAddress }) {
  abort = () => Atomics.exchange(new Int32Array(memory.buffer), abortAddress / 4, 1) !== 0
  const sums = profile && new Float64Array(memory.buffer, scratch + profile.offset, profile.probes)
  let last = 0
  const mark = probe => {
    const now = performance.now()
    sums[probe] += now - last
    last = now
  }
  const instance = await WebAssembly.instantiate(module, { fovea: { memory, mark } })
  for (const [name, run] of Object.entries(instance.exports)) entries[name] = { run, scratch }
  state = { thread, threads }
  send({ ready: true })
}

function run({ entry, rows, feed, feedStride, result, resultStride }) {
  const step = entries[entry]
  for (let index = 0; index < rows.length; index++) {
    step.run(state.thread, state.threads, rows[index], feed + index * feedStride, result + index * resultStride, step.scratch)
  }
  send({ done: true })
}

async function receive(message) {
  try {
    if (message.load) await load(message.load)
    else if (message.run) run(message.run)
  } catch (error) {
    const aborted = abort ? abort() : false
    send({ failed: String(error && error.stack || error), aborted })
  }
}

if (inNode) port.on('message', receive)
else port.onmessage = event => receive(event.data)
`
