/** The API's groups hold every name that can be imported and called. (`npm run docs` asks the same of types, and for docstrings.) */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import * as cli from '../../packages/cli/src/index.ts'
import * as formats from '../../packages/formats/src/index.ts'
import * as browser from '../../packages/fovea/src/browser.ts'
import * as fovea from '../../packages/fovea/src/index.ts'
import * as pictures from '../../packages/pictures/src/index.ts'
import * as server from '../../packages/server/src/index.ts'
import * as nodeServer from '../../packages/server/src/node.ts'
import { root } from '../source-files.testing.ts'

const { groups } = (await import(pathToFileURL(join(root, 'site/api/groups.js')).href)) as {
  groups: readonly { readonly id: string; readonly names: string }[]
}

test('every value that a package exports stands in one group, and nothing else does', () => {
  const grouped = groups.flatMap(({ names }) => names.split(/\s+/))
  expect(grouped.sort()).toEqual(
    Object.keys({ ...fovea, ...browser, ...pictures, ...formats, ...server, ...nodeServer, ...cli }).sort(),
  )
})
