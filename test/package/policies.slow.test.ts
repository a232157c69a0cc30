/** Pages whose content security policy forbids something: they go on with less, or are told which directive it is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../source-files.testing.ts'
import { chromiumPath, hasChromium, launchChromium, reportOf } from './chromium.testing.ts'
import { isolationHeaders, serveFolder } from './static-server.testing.ts'

interface Report {
  readonly loss?: number
  readonly threads?: number
  /** Workers from addresses that began in the second training. */
  readonly workers?: number
  /** Whether a file of the same site can be fetched, as a page fetches its model. */
  readonly fetched?: boolean
  readonly warnings: readonly string[]
  readonly error?: { readonly name: string; readonly message: string }
}

/** Two trainings: what the first one was refused, the second one does not ask for again. */
const program = `import { dense, sequential } from ${JSON.stringify(join(root, 'packages/fovea/src/browser.ts'))}
const warnings = []
let began
globalThis.Worker = class extends Worker {
  constructor(address, options) {
    super(address, options)
    if (options?.type === 'module') this.addEventListener('message', () => { began = 1 }, { once: true })
  }
}
console.warn = text => warnings.push(text)
async function train() {
  began = 0
  const model = sequential([dense({ units: 2, activation: 'softmax', inputShape: [4] })])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
  const { history } = await model.fit(new Float32Array(8), [0, 1], { verbose: 0, seed: 1 })
  const fetched = await fetch('main.js').then(({ ok }) => ok, () => false)
  const { threads } = model.info
  return { loss: history.loss[0], threads, fetched, workers: began }
}
train().then(train).then(
  result => Object.assign(globalThis, { report: { ...result, warnings } }),
  ({ name, message }) => Object.assign(globalThis, { report: { warnings, error: { name, message } } }),
)
`

describe.skipIf(!hasChromium && !process.env['FOVEA_REQUIRE_BROWSER'])(`in the Chromium at ${chromiumPath}`, () => {
  let folder: string
  let browser: Browser

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fovea-policies-'))
    writeFileSync(join(folder, 'main.js'), program)
    writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>')
    const bundle = await rolldown({ input: join(folder, 'main.js'), platform: 'browser' })
    await bundle.write({ file: join(folder, 'page.js'), format: 'esm', codeSplitting: false })
    // A bundler that leaves the worker's address as it is builds the worker as a second entry.
    const worker = await rolldown({ input: join(root, 'packages/fovea/src/program-worker.ts'), platform: 'browser' })
    await worker.write({ file: join(folder, 'program-worker.js'), format: 'esm', codeSplitting: false })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function under(policy: string, isolation: Record<string, string> = isolationHeaders): Promise<Report> {
    const server = await serveFolder(folder, { ...isolation, 'Content-Security-Policy': policy })
    try {
      return await reportOf<Report>(browser, server.url)
    } finally {
      await server.close()
    }
  }

  test('the policy of the guide: all cores, and nothing is said', async () => {
    const report = await under(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'",
    )
    expect(report).toMatchObject({ warnings: [], loss: expect.any(Number), fetched: true })
    expect(report.threads).toBe(await coresOf(browser))
  })

  test('no workers from blob: addresses: one thread, the same numbers, said once with the directive', async () => {
    const report = await under("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'")
    const free = await under("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:")
    expect(report).toMatchObject({ threads: 1, loss: free.loss })
    expect(report.warnings).toHaveLength(1)
    expect(report.warnings[0]).toMatch(/one thread[\s\S]*worker-src blob:/)
  })

  test('a worker from an address only, and no isolation: the worker computes, and nothing is said', async () => {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'"
    const report = await under(policy, {})
    expect(report).toMatchObject({ warnings: [], threads: 1, fetched: true, workers: 1 })
  })

  test('no worker from an address: the page computes, the same numbers, said once with the directive', async () => {
    const report = await under("script-src 'self' 'wasm-unsafe-eval'; worker-src blob:", {})
    const free = await under("script-src 'self' 'wasm-unsafe-eval'", {})
    expect(report).toMatchObject({ loss: free.loss, workers: 0 })
    expect(report.warnings).toEqual([expect.stringMatching(/the page waits[\s\S]*worker-src[\s\S]*'self'/)])
  })

  test('no address without a trusted type: one thread, and that directive', async () => {
    const free = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:"
    const report = await under(`${free}; require-trusted-types-for 'script'`)
    expect(report.threads).toBe(1)
    expect(report.warnings).toEqual([
      expect.stringMatching(/the page waits[\s\S]*require-trusted-types-for/),
      expect.stringMatching(/one thread[\s\S]*require-trusted-types-for/),
    ])
  })

  test('no WebAssembly: an error of the user that names the directive', async () => {
    const { error } = await under("script-src 'self'; worker-src 'self' blob:")
    expect(error).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/script-src[\s\S]*wasm-unsafe-eval/),
    })
  })
})

async function coresOf(browser: Browser): Promise<number> {
  const page = await browser.newPage()
  try {
    return await page.evaluate(() => navigator.hardwareConcurrency)
  } finally {
    await page.close()
  }
}
