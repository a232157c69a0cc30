/**
 * Every check in order, and one last line `N passed, N failed` over all of them. Suites are counted by vitest's own JSON
 * report; any other step, and a suite that ends without a report, counts as one.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, statusOf } from './setup.mjs'

const reports = mkdtempSync(join(tmpdir(), 'fovea-ci-'))
let passed = 0
let failed = 0

/** @param {string} name @param {string[]} words npm's words */
function step(name, ...words) {
  process.stdout.write(`\n── ${name}: npm ${words.join(' ')}\n`)
  const started = performance.now()
  const succeeded = npm(words) === 0
  count(name, succeeded ? 1 : 0, succeeded ? 0 : 1, started)
}

/** @param {string} name @param {string[]} words */
function suite(name, ...words) {
  const report = join(reports, `${name}.json`)
  process.stdout.write(`\n── ${name}: npm ${words.join(' ')}\n`)
  const started = performance.now()
  const reporting = ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const succeeded = npm([...words, ...reporting]) === 0
  const result = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0 }
  // A file that cannot be loaded, or an error outside any test, fails the run without a failed test.
  const unseen = !succeeded && result.numFailedTests === 0 ? 1 : 0
  count(name, result.numPassedTests, result.numFailedTests + unseen, started)
}

/** @param {string[]} words */
function npm(words) {
  const script = process.env['npm_execpath']
  if (script) return statusOf(process.execPath, [script, ...words])
  return spawnSync('npm', words, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1
}

/** @param {string} name @param {number} good @param {number} bad @param {number} started */
function count(name, good, bad, started) {
  passed += good
  failed += bad
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  process.stdout.write(`── ${name}: ${good} passed, ${bad} failed, ${seconds} s\n`)
}

suite('unit', 'test')
step('check', 'run', 'check')
step('kernels', 'run', 'bench', '--', '--alarm')
step('fuzz', 'run', 'fuzz', '--', '--inputs', '20000')
// The site is built by its own suite, among these.
suite('slow', 'run', 'test:slow')

rmSync(reports, { recursive: true, force: true })
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
