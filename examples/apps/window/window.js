// A program with a window of its own: the server's page, in a Chromium without tabs and address bar. It ends with the window.
// Run: npm install && node window.js     (CHROMIUM: the path of Chromium, Chrome or Edge)
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@fovea/server/node'

const server = await startServer({ models: 'model.safetensors', port: 0 })
const profile = mkdtempSync(join(tmpdir(), 'classifier-window-'))
const options = [`--app=${server.url}`, `--user-data-dir=${profile}`, '--no-first-run', ...process.argv.slice(2)]
const window = spawn(process.env.CHROMIUM ?? 'chromium', options, { stdio: ['ignore', 'inherit', 'inherit'] })
console.log(`The window shows ${server.url}`)

const end = async () => {
  await server.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
}
window.on('close', end)
process.on('SIGTERM', () => window.kill())
