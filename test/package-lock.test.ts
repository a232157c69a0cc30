/**
 * The lock file is whole, so that `npm ci` takes it on every platform: it agrees with package.json, and every dependency it names,
 * the optional ones of other platforms too, has an entry of its own where Node would look for it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './source-files.testing.ts'

interface Entry {
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly engines?: { readonly node: string }
  readonly resolved?: string
  readonly integrity?: string
}

const read = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), 'utf8')) as T
const { packages } = read<{ packages: Record<string, Entry & { version: string; link?: boolean }> }>(
  'package-lock.json',
)
const folders = ['', ...readdirSync(join(root, 'packages')).map(name => `packages/${name}`)].filter(
  folder => folder === '' || existsSync(join(root, folder, 'package.json')),
)

test.each(folders)('it was made from the package.json in %j', folder => {
  const { version, dependencies, devDependencies, engines } = read<Entry & { version: string }>(
    join(folder, 'package.json'),
  )
  const expected = { version, dependencies, devDependencies, engines }
  expect(packages[folder]).toMatchObject(Object.fromEntries(Object.entries(expected).filter(([, value]) => value)))
})

test('the packages of this repository have one version, and want each other in just that', () => {
  const manifests = folders
    .slice(1)
    .map(folder => read<Entry & { name: string; version: string }>(join(folder, 'package.json')))
  const versions = new Set(manifests.map(({ version }) => version))
  const wanted = manifests.flatMap(({ dependencies = {} }) =>
    manifests.map(({ name }) => dependencies[name]).filter(version => version !== undefined),
  )
  expect([...versions, ...wanted]).toEqual([...wanted, ...versions].map(() => manifests[0]!.version))
  expect(wanted.length).toBeGreaterThan(0)
})

test('every dependency has its entry, those of other platforms too', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(name => !placesFor(name, path).some(place => place in packages))
      .map(name => `${path || 'package.json'} needs ${name}`),
  )
  expect(missing).toEqual([])
})

test('every entry has a checksum and comes from whichever registry npm is set to', () => {
  const odd = Object.entries(packages).filter(
    ([path, { resolved, integrity, link }]) => !folders.includes(path) && !link && (resolved || !integrity),
  )
  expect(odd.map(([path]) => path)).toEqual([])
})

/** Where a package at this path may find another: below itself, then beside it, up to the root. */
function placesFor(name: string, path: string): string[] {
  const above = path
    .split(/(?<=^|\/)node_modules\//)
    .map((_, count, parts) => parts.slice(0, count).join('node_modules/'))
  const below = path === '' ? '' : `${path}/`
  return [below, ...above].map(folder => `${folder}node_modules/${name}`)
}
