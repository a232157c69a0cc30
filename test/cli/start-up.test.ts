/**
 * What a call loads before it does anything. The number of modules is what a cold start costs, and it is the same on every machine;
 * Node writes the list itself (`NODE_V8_COVERAGE`).
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
  ])('fovea $line: at most $most modules', async ({ line, most }) => {
    const modules = await modulesOf(line)
    expect(modules.filter(path => verbFiles.includes(path))).toEqual([])
    expect(modules.length, modules.join('\n')).toBeLessThanOrEqual(most)
  })
})

test('the list of recipes needs no data, no code generator and no package', async () => {
  const modules = await modulesOf('recipes')
  expect(
    modules.filter(path =>
      /^(fovea|cli)\/dist\/(data|plan|kernels|targets|runtime|explain|report)\/|node_modules/.test(path),
    ),
  ).toEqual([])
})

describe('a verb loads its own code', () => {
  test.each(verbs.filter(({ name }) => name !== 'help').map(({ name }) => name))('fovea %s --help', async name => {
    expect(await modulesOf(`${name} --help`)).toContain(fileOf(name))
  })
})

const fileOf = (name: string): string => `cli/dist/verbs/${name}.js`
const verbFiles = verbs.map(({ name }) => fileOf(name)).filter(path => path !== fileOf('help'))

/** The modules of this call, as paths in `packages`; packages by theirs in node_modules. */
async function modulesOf(line: string): Promise<string[]> {
  const folder = temporaryFolder()
  await fovea(line.split(' ').filter(Boolean), { env: { NODE_V8_COVERAGE: folder } })
  const reports = readdirSync(folder).map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage)
  // Threads of the program would write reports of their own.
  expect(reports).toHaveLength(1)
  return reports
    .flatMap(({ result }) => result.map(({ url }) => url))
    .filter(url => url.startsWith('file:'))
    .map(url => relative(join(root, 'packages'), fileURLToPath(url)).replaceAll('\\', '/'))
}

interface Coverage {
  readonly result: readonly { readonly url: string }[]
}
