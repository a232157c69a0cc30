/** The site has the colours of the reports, in light and dark. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { themeColours } from '../../packages/cli/src/report/theme.ts'
import { root } from '../source-files.testing.ts'

const style = readFileSync(join(root, 'site/static/style.css'), 'utf8')
const [light, dark] = style.split('@media (prefers-color-scheme: dark)')

test.each([
  ['light', light!],
  ['dark', dark!],
] as const)('%s', (name, text) => {
  const colours = [...text.matchAll(/^ *(--[a-z0-9-]+): (#[0-9a-f]{6});$/gm)].map(([, property, value]) => [
    property,
    value,
  ])
  expect(colours.length).toBeGreaterThan(5)
  expect(themeColours[name]).toMatchObject(Object.fromEntries(colours) as object)
})
