import { changedRecipe } from 'fovea/internal/recipes/recipe-parts'
import { recipe } from 'fovea/internal/recipes/recipes'
import { expect, it } from 'vitest'
import { repeatCommand } from './repeat-command.ts'

const folder = 'runs/my run'
const cnn = recipe('mnist-cnn')

it('names a known recipe with the numbers that were changed, and always the seed', () => {
  expect(repeatCommand({ folder, recipe: cnn })).toBe(`npx fovea train mnist-cnn --seed ${cnn.seed}`)
  const changed = changedRecipe(cnn, { epochs: 3, seed: 7, learningRate: 0.01, batchSize: 16 })
  expect(repeatCommand({ folder, recipe: changed, limit: 2048 })).toBe(
    'npx fovea train mnist-cnn --epochs 3 --batch-size 16 --learning-rate 0.01 --seed 7 --limit 2048',
  )
})

it('says of a schedule its first rate, where that was changed', () => {
  const fast = recipe('cifar10-fast')
  // As a run file has it.
  const written = (given: typeof fast) => JSON.parse(JSON.stringify(given)) as typeof fast
  expect(repeatCommand({ folder, recipe: written(fast) })).toBe('npx fovea train cifar10-fast --seed 1')
  expect(repeatCommand({ folder, recipe: written(changedRecipe(fast, { learningRate: 0.5 })) })).toBe(
    'npx fovea train cifar10-fast --learning-rate 0.5 --seed 1',
  )
})

it('takes the recipe of the run directory where it is another', () => {
  expect(repeatCommand({ folder, recipe: { ...cnn, name: 'mine' } })).toBe('npx fovea train "runs/my run"')
  expect(repeatCommand({ folder, recipe: { ...cnn, loss: 'meanSquaredError' }, limit: 9 })).toBe(
    'npx fovea train "runs/my run" --limit 9',
  )
})

it('is none for data that only a program has', () => {
  expect(repeatCommand({ folder, recipe: { ...cnn, dataset: 'my pictures' } })).toBeUndefined()
})
