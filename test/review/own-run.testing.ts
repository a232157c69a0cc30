/** A run of own pictures on disk: files of two classes, dark and light, of which every part knows some, and a run that learned them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { memorySource, runRecipe } from '../../packages/fovea/src/index.ts'
import { tinyModel, tinyRecipe } from '../../packages/fovea/src/train/tiny-recipe.testing.ts'

export const classNames = ['dark', 'light']

/** Writes `pictures/` and `run/` into the folder. Of each class `each` pictures, half of them to train on, the others to test. */
export async function makeOwnRun(
  folder: string,
  each: number,
): Promise<{ readonly pictures: string; readonly run: string }> {
  const pictures = join(folder, 'pictures')
  const run = join(folder, 'run')
  const level = (label: number, index: number): number => 40 + 130 * label + index
  const source = (rows: readonly { readonly label: number; readonly index: number }[]) =>
    memorySource({
      images: Uint8Array.from(rows.flatMap(({ label, index }) => new Array<number>(4).fill(level(label, index)))),
      labels: Uint8Array.from(rows, ({ label }) => label),
      names: rows.map(({ label, index }) => `${classNames[label]}/${index}.png`),
      ...{ shape: [2, 2, 1], classNames },
    })
  const all = classNames.flatMap((name, label) => {
    mkdirSync(join(pictures, name), { recursive: true })
    return Array.from({ length: each }, (_, index) => {
      const data = new Uint8Array(40 * 30 * 3).fill(level(label, index))
      writeFileSync(join(pictures, name, `${index}.png`), encode({ width: 40, height: 30, channels: 3, data }))
      return { label, index }
    })
  })
  const recipe = tinyRecipe({
    dataset: { folder: pictures },
    model: tinyModel(),
    validation: { kind: 'none' },
    test: 'last',
  })
  const parts = {
    train: source(all.filter(({ index }) => index % 2 === 0)),
    test: source(all.filter(({ index }) => index % 2 === 1)),
  }
  await runRecipe(recipe, { name: 'own', shape: [2, 2, 1], classNames, ...parts }, { out: run, threads: 1 })
  return { pictures, run }
}
