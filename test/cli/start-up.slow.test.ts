/**
 * What a call loads before it does anything. The number of files is what a cold start costs, and it is the same on every machine;
 * Node writes the list itself (`NODE_V8_COVERAGE`), and the build which modules each file holds.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import { root } from '../source-files.testing.ts'
import { ensureBuilt, fovea, temporaryFolder } from './fovea-process.testing.ts'

beforeAll(ensureBuilt, 120_000)

describe('a call that needs no verb loads the code of none', () => {
  test.each([
    ...['--version', '-v', '--version --json'].map(line => ({ line, most: 10 })),
    ...['', '--help', 'help', 'trian'].map(line => ({ line, most: 16 })),
  ])('fovea $line: at most $most files', async ({ line, most }) => {
    const { files, modules } = await loadedBy(line)
    expect(modules.filter(path => verbFiles.includes(path))).toEqual([])
    expect(files.length, files.join('\n')).toBeLessThanOrEqual(most)
  })
})

test('the list of recipes needs no data, no code generator and no package', async () => {
  const { files, modules } = await loadedBy('recipes')
  expect(
    modules.filter(path => /^(@fovea\/)?\w+\/(data|plan|kernels|targets|runtime|explain|report)\//.test(path)),
  ).toEqual([])
  expect(modules).toContain(moduleOf('recipes'))
  expect(files.filter(path => path.includes('node_modules'))).toEqual([])
})

describe('a verb loads its own code', () => {
  test.each(verbs.filter(({ name }) => name !== 'help').map(({ name }) => name))('fovea %s --help', async name => {
    const { files, modules } = await loadedBy(`${name} --help`)
    expect(modules).toContain(moduleOf(name))
    expect(files.length, files.join('\n')).toBeLessThanOrEqual(mostOfVerb)
  })
})

/** Hundreds before the program was bundled. */
const mostOfVerb = 160

const moduleOf = (name: string): string => `@fovea/cli/verbs/${name}.js`
const verbFiles = verbs.map(({ name }) => moduleOf(name)).filter(path => path !== moduleOf('help'))

/** The files of this call, as paths in `packages` (packages of others by theirs in node_modules), and the modules in them. */
async function loadedBy(line: string): Promise<{ files: string[]; modules: string[] }> {
  const folder = temporaryFolder()
  await fovea(line.split(' ').filter(Boolean), { env: { NODE_V8_COVERAGE: folder } })
  const reports = readdirSync(folder).map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage)
  // Threads of the program would write reports of their own.
  expect(reports).toHaveLength(1)
  const files = reports
    .flatMap(({ result }) => result.map(({ url }) => url))
    .filter(url => url.startsWith('file:'))
    .map(url => relative(join(root, 'packages'), fileURLToPath(url)).replaceAll('\\', '/'))
  const held = JSON.parse(readFileSync(join(root, 'packages/cli/dist/.modules'), 'utf8')) as Record<string, string[]>
  return { files, modules: files.flatMap(file => held[file.replace('cli/dist/', '')] ?? []) }
}

interface Coverage {
  readonly result: readonly { readonly url: string }[]
}
