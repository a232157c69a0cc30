/** A program for Node in one file: it holds the library alone, and says how to get what reads pictures where that is missing. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, expect, test } from 'vitest'
import { root } from '../source-files.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-node-bundle-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('pictures in memory need no other package, files do, and say so', async () => {
  const input = join(folder, 'program.ts')
  writeFileSync(
    input,
    `import { dense, flatten, readPicture, sequential } from ${JSON.stringify(join(root, 'packages/fovea/src/index.ts'))}
const model = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 2, activation: 'softmax' })])
const answer = await model.classify({ width: 2, height: 2, channels: 1, data: new Uint8Array(4) })
const told = await readPicture('a.png').catch(error => error.message)
await model.dispose()
console.log(JSON.stringify({ classes: answer.length, told }))
`,
  )
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' })
  await bundle.write({ file: join(folder, 'built/program.mjs'), format: 'esm', codeSplitting: false })
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'built/program.mjs')], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const { classes, told } = JSON.parse(stdout) as { classes: number; told: string }
  expect(classes).toBe(2)
  expect(told).toMatch(/@fovea\/pictures, which is not installed[\s\S]*npm install @fovea\/pictures/)
})
