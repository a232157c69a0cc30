import { expect, it } from 'vitest'
import { dense } from '../layers/dense.ts'
import { modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { readReport } from '../run/report-json.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import { checkRecipe } from './check-recipe.ts'
import { runRecipe } from './run-recipe.ts'

async function ran(changes: Partial<RecipeConfig>) {
  const files = memoryFiles()
  const device = referenceDevice({ round: Math.fround })
  const place = { device, clock: steppedClock(100), files, out: 'runs/a' }
  return { ...(await runRecipe(tinyRecipe(changes), tinyDataset(), place)), files }
}

it('tests the mean over the views that the recipe says, and tells so', async () => {
  const [seen, plain] = [await ran({ testViews: 'mirror' }), await ran({})]
  expect(seen.report.weightsSha256).toBe(plain.report.weightsSha256)
  expect(seen.report.history).toEqual(plain.report.history)
  expect(seen.report.test!.loss).not.toBe(plain.report.test!.loss)
  expect([seen.report.test!.views, plain.report.test!.views]).toEqual(['mirror', undefined])
  expect((await readReport(seen.files, 'runs/a'))!.test).toEqual(seen.report.test)
  expect(seen.model.recipe?.['testViews']).toBe('mirror')
  const flat = modelToConfig(sequential([dense({ units: 2, activation: 'softmax', inputShape: [4] })]))
  const preprocess = { shape: [2, 2, 1], channels: 'grey', resize: 'stretch' } as const
  const flatRecipe = { ...tinyRecipe({ testViews: 'mirror' }), model: flat as never, preprocess }
  expect(() => checkRecipe(flatRecipe)).toThrow(/Views are for models that see pictures/)
})
