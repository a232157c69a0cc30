/** What the package ships beside the build: documents whose links lead to files that lie in the package too. */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { dirname, posix } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { localLinks } from '../markdown.testing.ts'
import { root } from '../source-files.testing.ts'

let packed: readonly string[]

beforeAll(() => {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }
  const script = process.env['npm_execpath']
  const written = script
    ? execFileSync(process.execPath, [script, ...words], options)
    : execFileSync('npm', words, options)
  const [archive] = JSON.parse(written) as [{ files: { path: string }[] }]
  packed = archive.files.map(file => file.path)
})

test('the README, the licence and what they lead to', () => {
  expect(packed).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']))
})

test('every relative link of a document in the package leads to a file in the package', () => {
  const missing = packed
    .filter(path => path.endsWith('.md'))
    .flatMap(document =>
      localLinks(document)
        .map(target => posix.join(dirname(document), target))
        .filter(target => !packed.includes(target))
        .map(target => `${document} leads to ${target}`),
    )
  expect(missing).toEqual([])
})

test('nothing else: no sources, tests, outputs or settings', () => {
  const expected =
    /^(dist\/|docs\/(guide\/)?[\w-]+\.(md|jpg|svg)$|examples\/[\w-]+\.(js|md)$|bench\/results\.jsonl$|[\w-]+\.md$)/
  const others = packed.filter(path => !expected.test(path) && path !== 'LICENSE' && path !== 'package.json')
  expect(others).toEqual([])
})
