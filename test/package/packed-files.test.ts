/** What each package ships beside its build: a README whose links work on npm, the licence, nothing else. */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { localLinks } from '../markdown.testing.ts'
import { root } from '../source-files.testing.ts'

interface Archive {
  readonly name: string
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}
let archives: readonly Archive[]

beforeAll(() => {
  const words = ['pack', '--workspaces', '--dry-run', '--json', '--ignore-scripts']
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }
  const script = process.env['npm_execpath']
  const written = script
    ? execFileSync(process.execPath, [script, ...words], options)
    : execFileSync('npm', words, options)
  archives = JSON.parse(written) as Archive[]
})

const packages = ['fovea', 'pictures', 'formats', 'server', 'cli']

describe.each(packages)('packages/%s', name => {
  const archive = (): Archive => archives.find(found => found.name.replace('@fovea/', '') === name)!
  const packed = (): string[] => archive().files.map(file => file.path)

  test('has its README and the licence of the repository', () => {
    expect(packed()).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']))
    const licence = (folder: string): string => readFileSync(join(root, folder, 'LICENSE'), 'utf8')
    expect(licence(`packages/${name}`)).toBe(licence('.'))
  })

  test('its README leads to no file of the repository: on npm there is none', () => {
    expect(localLinks(`packages/${name}/README.md`)).toEqual([])
  })

  test('nothing else: no sources, tests, outputs or settings', () => {
    const others = packed().filter(path => !/^(dist|bin)\//.test(path))
    const doors = { fovea: ['browser/package.json', 'predictor/package.json'], server: ['node/package.json'] }
    const door = (doors as Readonly<Record<string, readonly string[]>>)[name] ?? []
    expect(others.sort()).toEqual(['LICENSE', 'README.md', ...door, 'package.json'].sort())
    expect(packed().filter(path => /\.(test|testing)\.|\.sources$/.test(path))).toEqual([])
  })

  test('unpacked, it is small', () => {
    expect(archive().unpackedSize).toBeLessThan(2.5e6)
  })
})
