/** What findings say: never of numbers that are none, whatever a history lacks; and never to do what the recipe does already. */
import { describe, expect, it } from 'vitest'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeToJson } from '../recipes/recipe-parts.ts'
import { recipes } from '../recipes/recipes.ts'
import type { Curves } from './curves.ts'
import { diagnose } from './diagnose.ts'
import { findingKinds } from './finding.ts'
import { dice, oddCurves } from './odd-curves.testing.ts'
import { meansOf, type RecipeMeans } from './recipe-means.ts'
import { factsOfRun, type RunFacts } from './run-facts.ts'

const flags = [
  ...(['dropout', 'augmentation', 'weightDecay', 'batchNormalization', 'heInitialization', 'earlyStopping'] as const),
  ...(['bestWeights', 'fallingRate', 'clipping'] as const),
]
const validations = ['first', 'seeded', 'stratified', 'test', 'none'] as const

function someMeans(roll: () => number): RecipeMeans {
  const set = Object.fromEntries(flags.map(flag => [flag, roll() < 0.5])) as Omit<RecipeMeans, 'validation'>
  return { ...set, validation: validations[Math.floor(roll() * validations.length)]! }
}

function someFacts(roll: () => number): RunFacts {
  const perClass = Array.from({ length: Math.floor(roll() * 5) }, () => Math.floor(roll() * roll() * 2000))
  return {
    ...(roll() < 0.5 && { perClass }),
    ...(roll() < 0.5 && { learningRate: roll() }),
    ...(roll() < 0.5 && { plannedEpochs: Math.ceil(roll() * 20) }),
    ...(roll() < 0.5 && { interrupted: roll() < 0.5 }),
    ...(roll() < 0.5 && { means: someMeans(roll) }),
    ...(roll() < 0.3 && {
      units: [{ layer: 'dense', activation: 'relu', units: 10, dead: Math.floor(roll() * 11), saturated: 0 }],
    }),
  }
}

const samples = Array.from({ length: 20_000 }, (_, seed) => {
  const roll = dice(seed + 1)
  return { curves: oddCurves(roll), facts: someFacts(roll) }
})

describe('findings of any history', () => {
  const all = samples.map(({ curves, facts }) => ({ facts, findings: diagnose(curves, facts) }))

  it('never say NaN, undefined, null or Infinity', () => {
    for (const { findings } of all) {
      for (const { evidence, advice } of findings) {
        expect(`${evidence} ${advice}`).not.toMatch(/NaN|undefined|null|Infinity/)
      }
    }
  })

  it('every kind is among them: the histories are not all of one sort', () => {
    expect(new Set(all.flatMap(({ findings }) => findings.map(({ kind }) => kind)))).toEqual(new Set(findingKinds))
  })

  it('one is singular', () => {
    for (const { findings } of all) {
      for (const { evidence } of findings) expect(evidence).not.toMatch(/\b1 (\w+ )?\w*(samples|epochs|pictures)\b/)
    }
  })

  it('a run that was interrupted is never told that its learning rate is too low', () => {
    const interrupted = all.filter(({ facts }) => facts.interrupted)
    expect(interrupted.length).toBeGreaterThan(1000)
    for (const { findings } of interrupted) {
      expect(findings.map(({ kind }) => kind)).not.toContain('learning-rate-too-low')
    }
  })

  it('nobody is told to do what is done', () => {
    const done: readonly [keyof RecipeMeans, RegExp][] = [
      ['dropout', /add [^;.]*dropout/i],
      ['augmentation', /augment/i],
      ['weightDecay', /add [^;.]*weight decay/i],
      ['batchNormalization', /batch normalization/],
      ['heInitialization', /He initialization/],
      ['earlyStopping', /EarlyStopping/],
      ['bestWeights', /restoreBestWeights/],
      ['fallingRate', /let it fall/],
      ['clipping', /clip/],
    ]
    for (const [mean, words] of done) {
      const advised = all.filter(({ findings }) => findings.some(({ advice }) => words.test(advice)))
      expect(advised.length, mean).toBeGreaterThan(0)
      expect(
        advised.filter(({ facts }) => facts.means?.[mean]),
        mean,
      ).toEqual([])
    }
    const underfit = all.flatMap(({ facts, findings }) =>
      findings.filter(({ advice }) => /less .*dropout/.test(advice)).map(() => facts),
    )
    expect(underfit.filter(({ means }) => means && !means.dropout)).toEqual([])
  })
})

describe('what a recipe does already', () => {
  it('is read from every recipe we have', () => {
    const found = Object.fromEntries(
      recipes.map(recipe => [recipe.name, meansOf(JSON.parse(JSON.stringify(recipeToJson(recipe))))]),
    )
    expect(Object.values(found)).not.toContain(undefined)
    expect(found['cifar10-cnn-optimized']).toEqual({
      dropout: true,
      augmentation: true,
      weightDecay: true,
      batchNormalization: true,
      heInitialization: false,
      earlyStopping: true,
      bestWeights: true,
      fallingRate: true,
      clipping: false,
      validation: 'first',
    })
    expect(found['shapes-mlp']).toMatchObject({ dropout: false, augmentation: false, batchNormalization: false })
  })

  it('an option of 0 or null is none; a recipe that cannot be read says nothing', () => {
    const { optimizer, ...rest } = recipes.find(({ name }) => name === 'shapes-mlp')!
    const withConfig = (config: RecipeConfig['optimizer']['config']) =>
      meansOf({ ...rest, optimizer: { type: 'SGD', config: { ...optimizer.config, ...config } } })
    expect(withConfig({ clipnorm: null, weightDecay: 0 })).toMatchObject({ clipping: false, weightDecay: false })
    expect(withConfig({ clipnorm: 1, weightDecay: 0.1 })).toMatchObject({ clipping: true, weightDecay: true })
    expect(meansOf({ name: 'half' })).toBeUndefined()
    expect(meansOf(undefined)).toBeUndefined()
  })
})

describe('how a run ended', () => {
  const begun = { type: 'train-begin', epochs: 10, samples: 500 } as never
  const end = (reason: string) => ({ type: 'train-end', reason }) as never
  it.each([
    ['completed', [begun, end('completed')], false],
    ['stopped by a callback', [begun, end('stopped')], false],
    ['by Ctrl-C', [begun, end('aborted')], true],
    ['killed', [begun], true],
    ['gone on with to its end', [begun, end('aborted'), begun, end('completed')], false],
  ])('%s', (_, records, interrupted) => {
    const facts = factsOfRun(records)
    expect(facts).toMatchObject({ interrupted, open: records.length === 1, plannedEpochs: 10, samples: 500 })
    const said = diagnose(falling(3), facts)[0]!.evidence
    expect(said.includes('interrupted after 3 of 10 epochs')).toBe(interrupted && !facts.open)
    expect(said.includes('or still goes on')).toBe(facts.open)
  })

  const falling = (count: number): Curves => {
    const loss = Array.from({ length: count }, (_, epoch) => 2.3 - 0.2 * epoch)
    return { epochs: loss.map((_, epoch) => epoch + 1), loss, accuracy: loss.map(value => Math.exp(-value)) }
  }
  it.each([1, 2, 3, 5, 8])('interrupted after %i epochs: says so, and how to go on', count => {
    const [finding] = diagnose(falling(count), { interrupted: true, plannedEpochs: 20 })
    expect(finding).toMatchObject({ kind: 'stopped-early' })
    expect(finding!.evidence).toContain(`interrupted after ${count} of 20 epochs`)
    expect(finding!.advice).toContain('--resume')
  })

  it.each([2, 3, 4, 5])('%i epochs that still improve: told as what they are, be they good or poor', count => {
    for (const end of [0.3, 0.95]) {
      const accuracy = Array.from({ length: count }, (_, epoch) => end - 0.1 * (count - 1 - epoch))
      const loss = accuracy.map(value => 1.5 - value)
      const [finding] = diagnose({
        epochs: loss.map((_, epoch) => epoch + 1),
        loss,
        accuracy,
        valLoss: loss,
        valAccuracy: accuracy,
      })
      expect(finding!.kind).toBe('stopped-early')
      expect(finding!.evidence).toMatch(new RegExp(`stopped after ${count} epochs, while it still improved`))
      expect(finding!.advice).toMatch(/Train longer/)
    }
  })

  it('a run that rests and was interrupted is well, so far', () => {
    const loss = [2, 1, 0.5, 0.3, 0.22, 0.2, 0.199]
    const [finding] = diagnose(
      { epochs: loss.map((_, epoch) => epoch + 1), loss, valLoss: loss },
      { interrupted: true, plannedEpochs: 9 },
    )
    expect(finding!.kind).toBe('healthy')
    expect(finding!.evidence).toMatch(/interrupted after 7 of 9 epochs/)
  })
})

it('healthy says where validation has begun to rise, and only there', () => {
  const loss = [1, 0.6, 0.4, 0.3, 0.25, 0.22]
  const evidenceOf = (valLoss: readonly number[]) => {
    const [finding] = diagnose({ epochs: loss.map((_, epoch) => epoch + 1), loss, valLoss })
    expect(finding!.kind).toBe('healthy')
    return finding!.evidence
  }
  expect(evidenceOf([1, 0.7, 0.5, 0.42, 0.4, 0.41])).toContain(
    'in the best epoch, 5. It has risen since, to 0.41, while training loss still falls: overfitting may begin.',
  )
  expect(evidenceOf([1, 0.7, 0.5, 0.42, 0.4, 0.402])).not.toContain('risen')
  expect(evidenceOf([1, 0.7, 0.5, 0.42, 0.405, 0.4])).not.toContain('risen')
})

it('classes of unlike size: always to name the largest is no success', () => {
  const accuracy = [0.9, 0.905, 0.9]
  const curves = {
    epochs: [1, 2, 3],
    loss: [0.4, 0.36, 0.34],
    accuracy,
    valLoss: [0.4, 0.36, 0.35],
    valAccuracy: accuracy,
  }
  expect(diagnose(curves, { perClass: [900, 100] })).toMatchObject([
    { kind: 'underfitting', evidence: expect.stringMatching(/always naming the largest class gives 90.0 %/) },
    { kind: 'class-imbalance' },
  ])
})

it('where a loss is not a number: in one epoch, in some, from one on', () => {
  const evidence = (...loss: number[]) => diagnose({ epochs: loss.map((_, epoch) => epoch + 1), loss })[0]!.evidence
  const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY]
  expect(evidence(nan)).toBe('The loss is not a finite number in epoch 1.')
  expect(evidence(1, nan, 1)).toBe('The loss is not a finite number in epoch 2.')
  expect(evidence(1, nan, 1, inf)).toBe('The loss is not a finite number in epoch 2 and in 1 later one.')
  expect(evidence(1, nan, inf)).toBe('The loss is not a finite number from epoch 2 on.')
})
