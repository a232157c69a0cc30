/** `fovea train RECIPE --from MODEL`: begins with a trained network, says so, and repeats. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RecipeConfig } from '../../packages/fovea/src/recipes/recipe.ts'
import type { TrainReport } from '../../packages/fovea/src/run/report.ts'
import { decodeModelFile } from '../../packages/fovea/src/store/model-file.ts'
import { callFovea } from './fovea-call.testing.ts'
import { temporaryFolder } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

const short = ['--limit', '64', '--threads', '1', '--json', '--quiet']

async function trained(words: readonly string[]): Promise<TrainReport> {
  const { code, stdout, stderr } = await callFovea(['train', ...words, ...short])
  expect(stderr.replace(/^.*report\.html.*$/gm, '').trim()).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout) as TrainReport
}

const fileOf = ({ runDir }: TrainReport) => decodeModelFile(readFileSync(join(runDir!, 'best.safetensors')))
const weight = (report: TrainReport, name: string) => fileOf(report).weights.find(each => each.name === name)!.data

test('the network of a run goes on under a new head, in two stages or with its layers frozen', async () => {
  const folder = temporaryFolder()
  writeTinyRecipe(folder)
  const [tiny, old] = [join(folder, 'tiny.json'), join(folder, 'old')]
  const begun = await trained([tiny, '--out', old])
  const from = [tiny, '--from', old]
  const both = await trained([...from, '--epochs', '2', '--out', join(folder, 'both')])
  expect(both).toMatchObject({ recipe: 'tiny-transfer', epochs: 2 })
  const recipe = fileOf(both).recipe as unknown as RecipeConfig
  expect(recipe.from).toMatchObject({ model: join(old, 'best.safetensors'), headEpochs: 200 })
  expect(weight(both, 'conv2d/kernel')).not.toEqual(weight(begun, 'conv2d/kernel'))

  const head = await trained([...from, '--freeze', 'all-but-head', '--epochs', '2', '--out', join(folder, 'head')])
  expect(weight(head, 'conv2d/kernel')).toEqual(weight(begun, 'conv2d/kernel'))
  const two = await trained([...from, '--freeze', '2', '--epochs', '1', '--out', join(folder, 'two')])
  expect(weight(two, 'conv2d/kernel')).toEqual(weight(begun, 'conv2d/kernel'))

  const again = await trained([both.runDir!, '--out', join(folder, 'again')])
  expect(again.weightsSha256).toBe(both.weightsSha256)
})

test('what does not go together is said', async () => {
  const said = async (...words: string[]): Promise<string> =>
    (await callFovea(['train', 'shapes-mlp', ...words])).stderr
  expect(await said('--freeze', 'none')).toContain('--freeze needs --from')
  expect(await said('--from', 'a', '--freeze', '0')).toContain('all-but-head, none, or how many')
  expect(await said('--from', 'a', '--resume', 'b')).toContain('--resume and --from exclude each other')
  expect(await said('--from', 'nowhere')).toContain("There is no model 'nowhere'")
})
