/** The site's lock file is whole, so that `npm ci` takes it on every platform. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../source-files.testing.ts'

interface Entry {
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly engines?: Record<string, string>
  readonly resolved?: string
  readonly integrity?: string
  readonly extraneous?: boolean
}

const read = <T>(file: string): T => JSON.parse(readFileSync(join(root, 'site', file), 'utf8')) as T
const { packages } = read<{ packages: Record<string, Entry> }>('package-lock.json')
const { '': own, ...others } = packages

test('it was made from this package.json', () => {
  const { dependencies, engines } = read<Entry>('package.json')
  expect(own).toMatchObject({ dependencies, engines })
})

test('every dependency has an entry, those of other platforms too', () => {
  const names = new Set(Object.keys(others).map(path => path.split(/(?:^|\/)node_modules\//).at(-1)))
  const wanted = Object.values(packages).flatMap(({ dependencies, optionalDependencies }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }),
  )
  expect(wanted.filter(name => !names.has(name))).toEqual([])
})

test('every entry is needed, has a checksum and comes from whichever registry npm is set to', () => {
  const odd = Object.entries(others).filter(
    ([, { resolved, integrity, extraneous }]) => resolved || !integrity || extraneous,
  )
  expect(odd.map(([path]) => path)).toEqual([])
})
