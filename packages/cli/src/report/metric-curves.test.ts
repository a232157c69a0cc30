import { runRecipe } from 'fovea/internal/runner/run-recipe'
import { referenceDevice } from 'fovea/internal/runtime/reference'
import { memoryFiles } from 'fovea/internal/store/memory-files'
import { expect, it } from 'vitest'
import { steppedClock } from '../../../fovea/src/train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../../../fovea/src/train/tiny-recipe.testing.ts'
import { metricsSection } from './metric-curves.ts'
import { outcomeSection } from './outcome.ts'
import { readReportRun } from './report-run.ts'

async function reported(metrics: Parameters<typeof tinyRecipe>[0]) {
  const files = memoryFiles()
  const device = referenceDevice({ round: Math.fround })
  const { history } = await runRecipe(tinyRecipe(metrics), tinyDataset(), {
    ...{ device, clock: steppedClock(100), files, out: 'run' },
  })
  return { run: await readReportRun(files, 'run'), history: history.history }
}

it('draws a chart for each metric beside accuracy, with validation, and names the values of the test', async () => {
  const { run, history } = await reported({ metrics: ['accuracy', 'precision', 'f1Score', 'rmse', 'confusionMatrix'] })
  expect(run.metrics).toEqual(
    ['precision', 'f1Score', 'rmse'].map(name => ({
      name,
      training: history[name],
      validation: history[`val_${name}`],
    })),
  )
  const [section] = metricsSection(run)
  expect(section!.figures.map(({ name, title }) => [name, title])).toEqual([
    ['metric-1', 'Precision'],
    ['metric-2', 'F1Score'],
    ['metric-3', 'Rmse'],
  ])
  expect(section!.figures[0]!.alt).toMatch(
    /^Precision over 3 epochs: training from .* to .*, validation from .* to .*\.$/,
  )
  expect(outcomeSection(run).html).toMatch(/test metrics<\/dt><dd>precision 100\.00 %, f1Score 1, rmse 0\./)
})

it('says nothing where there are none', async () => {
  const { run } = await reported({})
  expect(run).not.toHaveProperty('metrics')
  expect(metricsSection(run)).toEqual([])
  expect(outcomeSection(run).html).not.toContain('test metrics')
})
