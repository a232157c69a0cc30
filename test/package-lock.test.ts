/**
 * The lock file is whole, so that `npm ci` takes it on every platform: it agrees with package.json, and every dependency it names,
 * the optional ones of other platforms too, has an entry of its own where Node would look for it.
 */
import { readFileSync } from 'node:fs'
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
const manifest = read<Entry & { version: string }>('package.json')
const { packages } = read<{ packages: Record<string, Entry & { version: string }> }>('package-lock.json')

test('it was made from this package.json', () => {
  const { version, dependencies, devDependencies, engines } = manifest
  expect(packages['']).toMatchObject({ version, dependencies, devDependencies, engines })
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
    ([path, { resolved, integrity }]) => path !== '' && (resolved || !integrity),
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
