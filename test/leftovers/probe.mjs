/**
 * Loaded before a program (`node --import`): counts its workers and open files and, when its event loop has run dry, writes
 * what is left to the file named by FOVEA_PROBE. A program that calls process.exit, or that something keeps alive, never gets there.
 */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

if (threads.isMainThread) {
  const alive = new Set()
  let started = 0
  threads.Worker = class extends threads.Worker {
    /** @param {ConstructorParameters<typeof threads.Worker>} values */
    constructor(...values) {
      super(...values)
      started++
      alive.add(this)
      this.on('exit', () => alive.delete(this))
    }
  }
  syncBuiltinESMExports()

  process.once('beforeExit', code => {
    const left = { code, workersStarted: started, workersLeft: alive.size, timers: timersLeft(), files: filesOpen() }
    writeFileSync(String(process.env['FOVEA_PROBE']), JSON.stringify(left))
  })
}

function timersLeft() {
  return process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'Immediate').length
}

/** Regular files this process has open (Linux; elsewhere none are seen). */
function filesOpen() {
  try {
    return readdirSync('/proc/self/fd').flatMap(descriptor => {
      try {
        const target = readlinkSync(`/proc/self/fd/${descriptor}`)
        return target.startsWith('/') && !target.startsWith('/dev') && !target.startsWith('/proc') ? [target] : []
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}
