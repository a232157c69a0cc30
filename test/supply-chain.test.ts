/**
 * What comes with an installation: licences that allow what MIT allows, each other one listed here with its reason; no package runs
 * anything while it is installed; and releases are built from a tag by the workflow, which proves it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './source-files.testing.ts'

interface Entry {
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const packagesOf = (lock: string): [path: string, entry: Entry][] =>
  Object.entries((JSON.parse(read(lock)) as { packages: Record<string, Entry> }).packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  )
const locks = { 'package-lock.json': packagesOf('package-lock.json'), site: packagesOf('site/package-lock.json') }
const nameOf = (path: string): string => path.split('node_modules/').at(-1)!

/** Whoever passes these on names their authors, and nothing more. */
const permissive = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'Unlicense',
  'BlueOak-1.0.0',
  'Python-2.0',
]

/** All others. `dev`: used to build and test, and part of no package of ours. */
const others: readonly {
  readonly name: RegExp
  readonly license: string
  readonly dev: boolean
  readonly reason: string
}[] = [
  {
    name: /^@img\/sharp-libvips-/,
    license: 'LGPL-3.0-or-later',
    dev: false,
    reason: 'a library of its own, which anybody can replace',
  },
  {
    name: /^@img\/sharp-wasm32$/,
    license: 'Apache-2.0 AND LGPL-3.0-or-later AND MIT',
    dev: false,
    reason: 'the same library, for platforms without another',
  },
  {
    name: /^@img\/sharp-win32-/,
    license: 'Apache-2.0 AND LGPL-3.0-or-later',
    dev: false,
    reason: 'the same library, for Windows',
  },
  {
    name: /^h5wasm$/,
    license: 'SEE LICENSE IN LICENSE.txt',
    dev: false,
    reason: 'HDF5’s own licence, which is one of BSD, and that of NIST',
  },
  {
    name: /^dejavu-fonts-ttf$/,
    license: 'SEE LICENSE IN README.md AND LICENSE',
    dev: false,
    reason: 'Bitstream Vera: may be passed on with other programs',
  },
  {
    name: /^@resvg\/resvg-wasm$/,
    license: 'MPL-2.0',
    dev: false,
    reason: 'whoever changes its own files passes those changes on; ours are not among them',
  },
  { name: /^lightningcss/, license: 'MPL-2.0', dev: true, reason: 'used by the test runner' },
]

describe.each(Object.entries(locks))('packages of %s', (_, packages) => {
  test('have a permissive licence, or are listed with theirs', () => {
    const odd = packages.filter(([path, { license = 'none', dev = false }]) => {
      const isPermissive = license.split(/ OR /).some(each => permissive.includes(each.replace(/[()]/g, '')))
      const isListed = others.some(
        each => each.name.test(nameOf(path)) && each.license === license && (!each.dev || dev),
      )
      return !isPermissive && !isListed
    })
    expect(odd.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
    expect(packages.length).toBeGreaterThan(50)
  })

  test('run nothing while they are installed', () => {
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([])
  })
})

test('every licence that is listed is still one of a package', () => {
  const all = Object.values(locks).flat()
  const unused = others.filter(
    ({ name, license }) => !all.some(([path, entry]) => name.test(nameOf(path)) && entry.license === license),
  )
  expect(unused).toEqual([])
})

test('our own packages run nothing while they are installed, and each has its licence', () => {
  const folders = readdirSync(join(root, 'packages')).filter(name =>
    existsSync(join(root, 'packages', name, 'package.json')),
  )
  expect(folders.length).toBeGreaterThan(3)
  for (const folder of folders) {
    const { scripts = {}, license } = JSON.parse(read(`packages/${folder}/package.json`)) as {
      scripts?: Record<string, string>
      license?: string
    }
    expect(Object.keys(scripts).filter(name => /^(pre|post)?install$|^(pre|post)?prepare$/.test(name))).toEqual([])
    expect(license).toBe('MIT')
    expect(existsSync(join(root, 'packages', folder, 'LICENSE'))).toBe(true)
  }
})

describe('the workflow of releases', () => {
  const workflow = read('.github/workflows/release.yml')

  test('begins with a tag, checks everything, and publishes with provenance and without a secret', () => {
    expect(workflow).toMatch(/^ {4}tags: \["v\*"\]$/m)
    const commands = [...workflow.matchAll(/^ *- run: (.*)$/gm)].map(([, command]) => command!)
    expect(commands).toEqual([
      'npm ci --ignore-scripts',
      'npm run check',
      'npm test',
      'npm audit --omit=dev',
      expect.stringMatching(
        /^npm pkg set --workspaces repository\.type=git repository\.url=git\+https:\/\/github\.com\//,
      ),
      'npm publish --workspaces --provenance --access public',
    ])
    expect(workflow).not.toMatch(/secrets\./)
    expect(workflow.match(/\w[\w-]*: write/g)).toEqual(['id-token: write'])
  })

  test('installs nothing that a lock file does not name', () => {
    for (const name of readdirSync(join(root, '.github/workflows'))) {
      const text = read(`.github/workflows/${name}`)
      expect(text).not.toMatch(/npm (install|i)\b|npx |curl |wget /)
    }
  })
})

test('packages with a known weakness are looked for every day', () => {
  const workflow = read('.github/workflows/audit.yml')
  expect(workflow).toMatch(/^ {4}- cron: /m)
  expect([...workflow.matchAll(/^ *- run: (.*)$/gm)].map(([, command]) => command)).toEqual([
    'npm audit',
    'npm audit --prefix site',
  ])
  expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m)
})
