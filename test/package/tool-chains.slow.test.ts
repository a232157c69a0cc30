/**
 * Fovea where others build and run it, as docs/guide/tool-chains.md has it row by row: one small training gives the same weights in each.
 * Pages of Vite, webpack and esbuild are in package.slow.test.ts, policies of pages in policies.slow.test.ts.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import type { Browser } from 'playwright-core'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, hasChromium, launchChromium, reportOf } from './chromium.testing.ts'
import { type InstalledProject, installedProject } from './installed-project.testing.ts'
import { serveFolder } from './static-server.testing.ts'

const names = ['dense', 'flatten', 'generateShapes', 'rescaling', 'sequential', 'weightsSha256']
const trained = `async function trained() {
  const shapes = generateShapes({ train: 320, test: 80 })
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: shapes.shape }),
    flatten(),
    dense({ units: 10, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
  await model.fit(shapes, { epochs: 1, seed: 7, verbose: 0 })
  const weights = await model.getWeights()
  await model.dispose()
  return weightsSha256(weights)
}
`
const imported = `import { ${names.join(', ')} } from 'fovea'\n${trained}`
const required = `const { ${names.join(', ')} } = require('fovea')\n${trained}`
const told = `trained().then(sha => { globalThis.report = sha }, error => { globalThis.report = String(error) })\n`
const isExpected = "test('trains', async () => expect(await trained()).toBe(process.env.EXPECTED_SHA), 120_000)\n"

/** What a server does with a picture and with what is none: how many classes, and the status. */
const answers = [2, 400]
const namesOfServer = ['dense', 'flatten', 'PictureError', 'sequential', 'UserError']
const answered = `async function answered() {
  const model = sequential([flatten({ inputShape: [1, 1, 3] }), dense({ units: 2, activation: 'softmax' })])
  const photo =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'
  const classes = (await model.classify(Buffer.from(photo, 'base64'))).length
  const status = await model.classify(Buffer.from('<html>')).then(
    () => 200,
    error => (error instanceof PictureError && error instanceof UserError ? 400 : 500),
  )
  await model.dispose()
  return [classes, status]
}
`
const server = `import { ${namesOfServer.join(', ')} } from 'fovea'\n${answered}`
const requiredServer = `const { ${namesOfServer.join(', ')} } = require('fovea')\n${answered}`

const isLinux = process.platform === 'linux' && process.arch === 'x64'
const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

let project: InstalledProject
let sha: string

beforeAll(() => {
  project = installedProject(
    [],
    [
      ...['jest@30', 'vitest@4', 'typescript@5.9', 'rollup@4', '@rollup/plugin-node-resolve@16', 'parcel@2'],
      ...['next@16', 'react@19', 'react-dom@19'],
      ...['esbuild@0.28', 'vite@8', 'webpack@5', 'webpack-cli@7'],
      '@types/node@24',
      ...(isLinux ? ['@deno/linux-x64-glibc@2', '@oven/bun-linux-x64@1'] : []),
    ],
  )
  project.write('run.mjs', `${imported}console.log(await trained())\n`)
  sha = project.run('node', 'run.mjs').trim()
  process.env['EXPECTED_SHA'] = sha
})
afterAll(() => {
  delete process.env['EXPECTED_SHA']
  project?.remove()
})

test('Node trains', () => {
  expect(sha).toMatch(/^[0-9a-f]{64}$/)
})

test('require in Node: one library with import', () => {
  project.write('run.cjs', `${required}trained().then(sha => console.log(sha))\n`)
  expect(project.run('node', 'run.cjs').trim()).toBe(sha)
  const same = `import('fovea').then(({ sequential }) => console.log(sequential === require('fovea').sequential))`
  project.write('same.cjs', `${same}\nrequire('fovea/browser')\n`)
  expect(project.run('node', 'same.cjs').trim()).toBe('true')
  const copies = "const { UserError } = require('./node_modules/fovea/dist/index.cjs')"
  const known = "import('fovea').then(other => console.log(new other.UserError('x') instanceof UserError))"
  project.write('copies.cjs', `${copies}\n${known}\n`)
  expect(project.run('node', 'copies.cjs').trim()).toBe('true')
})

test('Jest as it is, with require', () => {
  project.write('jest/package.json', '{"private": true}')
  project.write('jest/trains.test.js', required + isExpected)
  project.run('jest', '--rootDir', 'jest')
})

test('Jest with picture files', () => {
  const written = `const { readPicture, writePng } = require('fovea')
test('reads what it writes', async () => {
  await writePng('one.png', { width: 2, height: 1, channels: 1, data: Uint8Array.of(1, 2) })
  expect(Array.from((await readPicture('one.png')).data)).toEqual([1, 2])
})`
  project.write('jest-pictures/package.json', '{"private": true}')
  project.write('jest-pictures/reads.test.js', written)
  project.run('node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--rootDir', 'jest-pictures')
})

describe('Jest with pictures that are sent', () => {
  const jest = (folder: string, test: string, ...options: string[]): string => {
    project.write(`${folder}/package.json`, '{"private": true}')
    project.write(`${folder}/answers.test.js`, `${requiredServer}test('answers', async () => ${test})\n`)
    return project.run('node', ...options, 'node_modules/jest/bin/jest.js', '--rootDir', folder)
  }

  test('with the option: a broken one is the fault of the picture', () => {
    const isAnswered = `expect(await answered()).toEqual(${JSON.stringify(answers)})`
    jest('jest-broken', isAnswered, '--experimental-vm-modules')
  })

  test('without it: an error names the option', () => {
    jest('jest-option', 'expect(answered()).rejects.toThrow(/NODE_OPTIONS=--experimental-vm-modules/)')
  })
})

test('Jest with modules', () => {
  project.write('jest-modules/package.json', '{"private": true, "type": "module"}')
  project.write('jest-modules/trains.test.js', imported + isExpected)
  project.run('node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--rootDir', 'jest-modules')
})

test('Vitest', () => {
  project.write('vitest/trains.test.js', `import { expect, test } from 'vitest'\n${imported}${isExpected}`)
  project.run('vitest', 'run', '--root', 'vitest')
})

/** Programs of other runtimes, as the registry packs them for this platform. */
const runtimes = {
  Deno: { program: '@deno/linux-x64-glibc/deno', words: ['run', '--no-prompt', '--allow-read', '--allow-env'] },
  Bun: { program: '@oven/bun-linux-x64/bin/bun', words: [] },
}

describe.skipIf(!isLinux)('other runtimes', () => {
  test.each(Object.entries(runtimes))('%s', (_, { program, words }) => {
    const file = join(project.folder, 'node_modules', program)
    const output = execFileSync(file, [...words, 'run.mjs'], { cwd: project.folder, encoding: 'utf8' })
    expect(output.trim()).toBe(sha)
  })
})

describe('a server in one file answers about a picture and about what is none', () => {
  const esbuild = (format: string, ending: string): void => {
    const files = { entryPoints: ['server/main.js'], outfile: `server/esbuild.${ending}` }
    const options = { ...files, bundle: true, platform: 'node', format }
    project.write('server/build.mjs', `import { build } from 'esbuild'\nawait build(${JSON.stringify(options)})\n`)
    project.run('node', 'server/build.mjs')
  }
  const bundled: Readonly<Record<string, () => void>> = {
    'esbuild.mjs': () => esbuild('esm', 'mjs'),
    'esbuild.cjs': () => esbuild('cjs', 'cjs'),
    'webpack/main.js': () =>
      project.run(
        'webpack',
        ...'--mode production --target node --entry ./server/main.js -o server/webpack'.split(' '),
      ),
    'vite/main.js': () => {
      const config =
        "{ ssr: { noExternal: true }, build: { ssr: 'server/main.js', outDir: 'server/vite' }, logLevel: 'error' }"
      project.write('server/vite.config.mjs', `export default ${config}\n`)
      project.write('server/vite/package.json', '{"type": "module"}')
      project.run('vite', 'build', '--config', 'server/vite.config.mjs', '--emptyOutDir', 'false')
    },
  }

  beforeAll(() => {
    project.write('server/package.json', '{"private": true}')
    project.write('server/main.js', `${server}answered().then(all => console.log(JSON.stringify(all)))\n`)
  })

  test.each(Object.entries(bundled))('%s', (file, bundle) => {
    bundle()
    expect(JSON.parse(project.run('node', `server/${file}`))).toEqual(answers)
  })
})

describe("TypeScript's ways to find a package", () => {
  const program = `import { dense, type History, sequential, UserError } from 'fovea'
export const told: Error = new UserError('x')
export const history: History | undefined = undefined
export const model = sequential([dense({ units: 2, inputShape: [4] })])
`
  const pictures = `import { readPicture } from '@fovea/pictures'
import type { Picture } from 'fovea'
export const read = async (): Promise<Picture> => readPicture('one.png')
// @ts-expect-error: a picture has its type, not any.
export const asNumber = async (): Promise<number> => readPicture('one.png')
`
  const passedOn = `import { type AnyPicture, dense, loadPredictor, sequential } from 'fovea'
export interface Wanted { readonly top?: number; readonly epochs?: number; readonly threads?: number }
export async function asked(given: AnyPicture | readonly AnyPicture[], { top, epochs, threads }: Wanted) {
  const model = sequential([dense({ units: 2, inputShape: [4], activation: undefined })])
  model.compile({ optimizer: 'adam', loss: 'mse', threads })
  await model.fit([[1, 2, 3, 4]], [0], { epochs, seed: undefined })
  const predictor = await loadPredictor('one.safetensors', { threads })
  return predictor.classify(given, { top })
}
`
  const inBrowser = "import { sequential as here } from 'fovea/browser'\nexport const other = here([])\n"

  const node10 = { module: 'es2020', moduleResolution: 'node10', skipLibCheck: true }
  const bundler = { module: 'es2020', moduleResolution: 'bundler', skipLibCheck: true }
  const node16 = { module: 'node16', skipLibCheck: true }
  // Here the declarations for `require` are checked too.
  const node16Required = { module: 'node16' }
  const nodenext = { module: 'nodenext', skipLibCheck: true }
  // A server's program: nothing of a page, and every declaration checked.
  const server = { lib: ['ES2023'], types: ['node'], skipLibCheck: false, exactOptionalPropertyTypes: true }

  test.each([
    { name: 'node', file: 'main.ts', options: node10, text: program + inBrowser },
    { name: 'bundler', file: 'main.ts', options: bundler, text: program + inBrowser },
    { name: 'node16', file: 'main.mts', options: node16, text: program + inBrowser },
    { name: 'node16 with require', file: 'main.cts', options: node16Required, text: program },
    { name: 'nodenext with require', file: 'main.cts', options: nodenext, text: program },
    { name: 'pictures, node', file: 'main.ts', options: { ...node10, ...server }, text: program + pictures },
    { name: 'pictures, node16', file: 'main.mts', options: { ...node16, ...server }, text: program + pictures },
    {
      name: 'pictures, node16 required',
      file: 'main.cts',
      options: { ...node16, ...server },
      text: program + pictures,
    },
    { name: 'options passed on', file: 'main.mts', options: { ...nodenext, ...server }, text: passedOn },
  ])('$name', ({ name, file, options, text }) => {
    const folder = `types/${name.replace(/\W+/g, '-')}`
    const common = { target: 'ES2022', lib: ['ES2024', 'DOM'], strict: true, noEmit: true, types: [] }
    project.write(`${folder}/${file}`, text)
    project.write(
      `${folder}/tsconfig.json`,
      JSON.stringify({ compilerOptions: { ...common, ...options }, files: [file] }),
    )
    expect(project.run('tsc', '-p', folder)).toBe('')
  })
})

describe.skipIf(noBrowser)(`pages in the Chromium at ${chromiumPath}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  const reported = async (folder: string): Promise<unknown> => {
    const server = await serveFolder(join(project.folder, folder))
    try {
      return await reportOf(browser, server.url)
    } finally {
      await server.close()
    }
  }
  const html = '<!doctype html><title>Fovea</title><script type="module" src="main.js"></script>'

  test('Rollup', async () => {
    project.write('rollup/page.js', imported + told)
    project.write(
      'rollup/config.js',
      `import { nodeResolve } from '@rollup/plugin-node-resolve'
export default { input: 'rollup/page.js', output: { dir: 'rollup', entryFileNames: 'main.js' }, plugins: [nodeResolve({ browser: true })] }`,
    )
    project.write('rollup/index.html', html)
    project.run('rollup', '--config', 'rollup/config.js', '--silent')
    expect(await reported('rollup')).toBe(sha)
  })

  test('Parcel, which reads no exports', async () => {
    project.write('parcel/package.json', '{"private": true}')
    project.write('parcel/main.js', imported + told)
    project.write('parcel/index.html', html)
    project.run('parcel', 'build', 'parcel/index.html', '--no-cache', '--no-autoinstall', '--dist-dir', 'parcel/dist')
    expect(await reported('parcel/dist')).toBe(sha)
  })

  test('Next.js: a page, and a route on the server', async () => {
    project.write('next/package.json', '{"private": true, "type": "module"}')
    project.write(
      'next/next.config.mjs',
      `export default { output: 'export', turbopack: { root: ${JSON.stringify(project.folder)} } }`,
    )
    project.write(
      'next/app/layout.jsx',
      'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html> }',
    )
    project.write(
      'next/app/page.jsx',
      `'use client'\nimport { useEffect } from 'react'\n${imported}
export default function Page() { useEffect(() => { ${told} }, []); return <p>Fovea</p> }`,
    )
    const route = `export const dynamic = 'force-static'\nexport const GET = async () => new Response(await trained())\n`
    project.write('next/app/trained/route.js', imported + route)
    const answer = `export const dynamic = 'force-static'\nexport const GET = async () => Response.json(await answered())\n`
    project.write('next/app/answered/route.js', server + answer)
    project.run('next', 'build', 'next')
    expect(JSON.parse(readFileSync(join(project.folder, 'next/out/answered'), 'utf8'))).toEqual(answers)
    expect(readFileSync(join(project.folder, 'next/out/trained'), 'utf8')).toBe(sha)
    expect(await reported('next/out')).toBe(sha)
  })
})

describe('what is packed', () => {
  const archives = ['fovea', '@fovea/pictures', '@fovea/formats', '@fovea/server', '@fovea/cli']

  /**
   * What publint finds that is meant so: the condition by which this repository's own tests take the sources, which nobody else sets; and
   * the field `browser`, which says again what `exports` says, for Parcel, which reads it alone.
   */
  const meant = (path: readonly string[]): boolean => path.includes('fovea-source') || path[0] === 'browser'

  test.each(archives)('%s: publint finds nothing', async name => {
    const { messages } = await publint({ pack: { tarball: archiveOf(name) } })
    expect(messages.filter(({ path }) => !meant(path))).toEqual([])
  })

  /** Node 20.19, the oldest there may be, gives an ES module to `require`. */
  const isNoProblem = 'CJSResolvesToESM'

  test.each(archives)('%s: its types are found by every resolver', async name => {
    // A script for a worker: bundlers build it as an entry of its own, and nobody imports it.
    const options = { excludeEntrypoints: ['./program-worker'] }
    const tarball = createPackageFromTarballData(new Uint8Array(archiveOf(name)))
    const { problems } = (await checkPackage(tarball, options)) as {
      problems: readonly { readonly kind: string }[]
    }
    expect(problems.filter(({ kind }) => kind !== isNoProblem)).toEqual([])
  })

  function archiveOf(name: string): ArrayBuffer {
    const { buffer, byteOffset, byteLength } = readFileSync(project.archives[name]!)
    return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength)
  }
})
