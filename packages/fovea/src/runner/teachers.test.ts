/** Recipes that learn from teachers: the loss by its formula, classes by name, what is refused, and that the run repeats. */
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { dense } from '../layers/dense.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { modelFromConfig, modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { encodeModelFile } from '../store/model-encoder.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyModel, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import { checkRecipe } from './check-recipe.ts'
import type { RunRecipeOptions } from './recipe-job.ts'
import { runRecipe } from './run-recipe.ts'

const files = memoryFiles()
const dataset = tinyDataset()
const still = { type: 'SGD', config: { learningRate: 0 } }

/** A network with these first weights, saved. */
async function saved(path: string, seed: number, classNames: readonly string[] = dataset.classNames) {
  const model = modelFromConfig(tinyModel())
  const values = initialWeights(model, seed)
  const weights = model.weights.map(({ name, shape }) => ({ name, shape, data: values[name]! }))
  await files.write(path, encodeModelFile({ weights, model: modelToConfig(model) as never, classNames }))
  return { model: path, weightsSha256: weightsSha256(weights), values }
}

const place = () => ({ device: referenceDevice({ round: Math.fround }), clock: steppedClock(100), files })
const run = (changes: Partial<RecipeConfig>, options: Partial<RunRecipeOptions> = {}) =>
  runRecipe(tinyRecipe(changes), dataset, { ...place(), ...options })

/** Logits of the tiny network for the first training pictures that are trained on. */
function logits(values: Readonly<Record<string, ArrayLike<number>>>, row: number): number[] {
  const [kernel, bias] = Object.entries(values).map(([, value]) => value)
  const pixels = Array.from(dataset.train.images.subarray(4 * row, 4 * row + 4), value => value / 255)
  return [0, 1].map(unit => pixels.reduce((sum, x, at) => sum + x * kernel![2 * at + unit]!, bias![unit]!))
}
const softmax = (scores: readonly number[], temperature = 1): number[] => {
  const powers = scores.map(score => Math.exp(score / temperature))
  return powers.map(power => power / powers.reduce((sum, each) => sum + each, 0))
}

describe('a taught recipe', () => {
  it('learns (1 − share) · loss(y) + share · T² · KL(teachers^(1/T) ‖ student^(1/T))', async () => {
    const [one, two] = [await saved('one.safetensors', 11), await saved('two.safetensors', 12)]
    const own = { batchSize: 32, epochs: 1, optimizer: still, shuffle: false, test: 'last' } as const
    const teacher = { models: [one, two].map(({ values: _, ...named }) => named), temperature: 3, share: 0.3 }
    const { report, model } = await run({ ...own, teacher })
    const student = Object.fromEntries(model.weights.map(({ name, data }) => [name, data as ArrayLike<number>]))
    let expected = 0
    for (let row = 8; row < 40; row++) {
      const [a, b] = [softmax(logits(one.values, row)), softmax(logits(two.values, row))]
      const soft = softmax(
        a.map((p, index) => Math.log((p + b[index]!) / 2)),
        3,
      )
      const scores = logits(student, row)
      const cross = -Math.log(softmax(scores)[dataset.train.labels[row]!]!)
      const divergence = soft.reduce((sum, q, index) => sum + q * Math.log(q / softmax(scores, 3)[index]!), 0)
      expected += (0.7 * cross + 0.3 * 9 * divergence) / 32
    }
    expect(report.history[0]!.loss).toBeCloseTo(expected, 5)
    // Validation is by the labels alone.
    const plain = await run({ ...own })
    expect(report.history[0]!.valLoss).toBe(plain.report.history[0]!.valLoss)
    expect(report.history[0]!.loss).not.toBeCloseTo(plain.report.history[0]!.loss, 3)
  })

  it('learns what its teacher says, whatever the labels, and its classes by name', async () => {
    const { values: _, ...named } = await saved('turned.safetensors', 21, dataset.classNames.toReversed())
    const wrong = { ...dataset, train: { ...dataset.train, labels: dataset.train.labels.map(label => 1 - label) } }
    const trained = await run({ epochs: 30, test: 'last' }, { out: 'trained' })
    const model = { model: 'trained/model.safetensors', weightsSha256: trained.report.weightsSha256 }
    const recipe = tinyRecipe({ epochs: 30, test: 'last', teacher: { models: [model], temperature: 2, share: 1 } })
    const taught = await runRecipe(recipe, wrong, place())
    expect(taught.report.test!.accuracy).toBe(1)
    const turned = { ...recipe, teacher: { ...recipe.teacher!, models: [named] } }
    const same = await saved('same.safetensors', 21)
    const notTurned = { ...recipe, teacher: { ...recipe.teacher!, models: [{ ...named, model: same.model }] } }
    const [one, other] = [await runRecipe(turned, dataset, place()), await runRecipe(notTurned, dataset, place())]
    expect(one.report.test!.accuracy).toBeCloseTo(1 - other.report.test!.accuracy, 12)
  })

  it('has the answers of both where samples are mixed', async () => {
    const { values: _, ...named } = await saved('mixing.safetensors', 9)
    const teacher = { models: [named], temperature: 1, share: 1 }
    const own = { batchSize: 32, epochs: 1, optimizer: still, shuffle: false, test: 'last' } as const
    const mixing = { type: 'Mixup', config: { alpha: 1, probability: 1e-9 } }
    const [plain, unmixed] = [await run({ ...own, teacher }), await run({ ...own, teacher, mixing })]
    expect(unmixed.report.history[0]!.loss).toBeCloseTo(plain.report.history[0]!.loss, 6)
    const mixed = await run({ ...own, teacher, mixing: { type: 'Mixup', config: { alpha: 1, probability: 1 } } })
    expect(mixed.report.history[0]!.loss).not.toBeCloseTo(plain.report.history[0]!.loss, 4)
  })

  it('repeats from its JSON and after an interruption, bit for bit', async () => {
    const { values: _, ...named } = await saved('teacher.safetensors', 5)
    const teacher = { models: [named], temperature: 4, share: 0.5 }
    const again = recipeFromJson(JSON.parse(JSON.stringify(tinyRecipe({ teacher }))))
    expect(again).toEqual(tinyRecipe({ teacher }))
    const whole = await run({ teacher })
    expect(whole.report.weightsSha256).not.toBe((await run({})).report.weightsSha256)
    const controller = new AbortController()
    const stopped = await run(
      { teacher },
      {
        out: 'stopped',
        signal: controller.signal,
        onEvent: event => {
          if (event.type === 'epoch-end') controller.abort()
        },
      },
    )
    expect(stopped.endReason).toBe('aborted')
    const resumed = await runRecipe(again, dataset, { ...place(), resume: 'stopped' })
    expect(resumed.report.weightsSha256).toBe(whole.report.weightsSha256)
    expect((await run({ teacher }, { minutes: 0.01 })).report.epochs).toBeGreaterThan(0)
  })

  it('refuses other models than it names, other classes, and networks that cannot be taught', async () => {
    const { values: _, ...named } = await saved('known.safetensors', 5)
    const taughtBy = (model: { model: string; weightsSha256: string }) =>
      run({ teacher: { models: [model], temperature: 4, share: 0.5 } }, { out: `never-${model.model}` })
    await expect(taughtBy({ ...named, weightsSha256: 'ab'.repeat(32) })).rejects.toThrow(
      /another model than the one this recipe learns from/,
    )
    const cats = await saved('cats.safetensors', 5, ['cat', 'dog'])
    await expect(taughtBy({ model: cats.model, weightsSha256: cats.weightsSha256 })).rejects.toThrow(
      /cats\.safetensors tells other classes apart than the data set/,
    )
    expect(await files.exists('never-cats.safetensors/run.jsonl')).toBe(false)
    const single = sequential([
      rescaling({ scale: 1, inputShape: [2, 2, 1] }),
      flatten(),
      dense({ units: 1, activation: 'sigmoid' }),
    ])
    const recipe = tinyRecipe({
      model: modelToConfig(single) as unknown as JsonRecord,
      loss: 'binaryCrossentropy',
      teacher: { models: [named], temperature: 4, share: 0.5 },
    })
    expect(() => checkRecipe(recipe)).toThrow(/cannot be taught by another/)
  })
})
