/** A page that only loads a saved model and asks it: what its bundle holds of the library, and how large it is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'
import { root } from '../source-files.testing.ts'

/** Bytes, minified. */
const most = 240_000

async function bundled(program: string) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bundle-'))
  try {
    const input = join(folder, 'page.js')
    writeFileSync(input, program)
    const bundle = await rolldown({ input, platform: 'browser' })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    const library = join(root, 'packages/fovea/src')
    const sources = Object.keys(output[0].modules).filter(id => id.startsWith(library))
    return {
      bytes: output[0].code.length,
      rooms: new Set(sources.map(id => id.slice(library.length + 1).split('/')[0]!)),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const using = (name: string, then: string): string =>
  `import { ${name} } from ${JSON.stringify(join(root, 'packages/fovea/src/browser.ts'))}\nexport const answer = async (bytes, x) => ${then}\n`

test('a saved model that is only asked brings no training along', async () => {
  const asked = await bundled(using('loadPredictor', '(await loadPredictor(bytes)).predict(x)'))
  expect(asked.rooms).toContain('engine')
  for (const room of ['train', 'api', 'objectives', 'optimizer', 'autodiff', 'explain', 'data']) {
    expect(asked.rooms).not.toContain(room)
  }
  expect(asked.bytes).toBeLessThan(most)
  const whole = await bundled(using('loadModel', '(await loadModel(bytes)).predict(x)'))
  expect(whole.rooms).toContain('optimizer')
  expect(whole.bytes).toBeGreaterThan(most)
})
