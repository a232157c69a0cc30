import { describe, expect, it } from 'vitest'
import type { Curves } from './curves.ts'
import { diagnose } from './diagnose.ts'
import type { FindingKind } from './finding.ts'
import type { RunFacts } from './run-facts.ts'

const counted = (count: number, value: (epoch: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => Number(value(index).toFixed(4)))

function curves(
  loss: readonly number[],
  valLoss?: readonly number[],
  accuracy?: readonly number[],
  valAccuracy?: readonly number[],
): Curves {
  return {
    epochs: loss.map((_, index) => index + 1),
    loss,
    ...(valLoss && { valLoss }),
    ...(accuracy && { accuracy }),
    ...(valAccuracy && { valAccuracy }),
  }
}

/** An accuracy that goes with a loss over ten classes. */
const accuracyOf = (loss: readonly number[]): number[] => loss.map(value => Number(Math.exp(-value * 0.9).toFixed(4)))

function full(loss: readonly number[], valLoss: readonly number[]): Curves {
  return curves(loss, valLoss, accuracyOf(loss), accuracyOf(valLoss))
}

/** Deterministic, between −1 and 1. */
const wobble = (epoch: number): number => Math.sin(epoch * 12.9898 + 1) * 0.6 + Math.sin(epoch * 4.1414) * 0.4
const falling = (count: number, from: number, to: number, pace: number): number[] =>
  counted(count, epoch => to + (from - to) * Math.exp(-epoch / pace))

const relu = (layer: string, dead: number, units: number) => ({ layer, activation: 'relu', units, dead, saturated: 0 })

/** Name, curves, what is found, and the epoch of the first finding where it matters. */
type Ill = [string, Curves, FindingKind[], (number | undefined)?, RunFacts?]

const ills: Ill[] = [
  ['a model that learns and settles', full(falling(10, 1.2, 0.1, 2), falling(10, 0.9, 0.15, 2)), ['healthy']],
  ['the same without validation', curves(falling(10, 1.2, 0.1, 2)), ['healthy']],
  [
    'a good run that jitters a little',
    full(
      counted(15, e => 0.08 + 0.9 * Math.exp(-e / 3) + 0.002 * wobble(e)),
      counted(15, e => 0.12 + 0.7 * Math.exp(-e / 3) + 0.004 * wobble(e + 5)),
    ),
    ['healthy'],
  ],
  [
    'five epochs of a perceptron on digits',
    full([0.22, 0.09, 0.06, 0.043, 0.033], [0.11, 0.085, 0.08, 0.079, 0.082]),
    ['healthy'],
  ],
  [
    'ten epochs of a CNN on digits',
    full(
      [0.19, 0.05, 0.035, 0.026, 0.02, 0.017, 0.013, 0.011, 0.009, 0.008],
      [0.055, 0.04, 0.033, 0.03, 0.029, 0.031, 0.028, 0.029, 0.03, 0.029],
    ),
    ['healthy'],
  ],
  [
    'a CNN with dropout on photographs',
    full(
      counted(20, e => 0.75 + 1.1 * Math.exp(-e / 6)),
      counted(20, e => 0.85 + 0.7 * Math.exp(-e / 5) + 0.02 * wobble(e)),
    ),
    ['healthy'],
  ],
  ['one epoch that knows little', { ...full([2.2], [2.0]), accuracy: [0.15], valAccuracy: [0.17] }, ['underfitting']],
  ['one epoch that knows a lot', { ...full([0.4], [0.1]), accuracy: [0.9], valAccuracy: [0.97] }, ['healthy']],
  [
    'overfitting from epoch 7',
    full(
      falling(20, 1.5, 0.05, 5),
      counted(20, e => 0.5 + 0.004 * (e - 6) ** 2 + (e < 6 ? 0.05 * (6 - e) : 0)),
    ),
    ['overfitting'],
    7,
  ],
  [
    'overfitting from the first epochs on, steeply',
    full(
      falling(12, 0.9, 0.01, 1.5),
      counted(12, e => 0.6 + 0.15 * Math.abs(e - 2)),
    ),
    ['overfitting'],
    3,
  ],
  [
    'overfitting with jitter',
    full(
      falling(25, 1.6, 0.1, 6),
      counted(25, e => 1 + 0.03 * Math.max(0, e - 9) + 0.08 * Math.max(0, 9 - e) + 0.008 * wobble(e)),
    ),
    ['overfitting'],
  ],
  [
    'overfitting without accuracies',
    curves(
      falling(15, 1, 0.02, 3),
      counted(15, e => 0.7 + 0.05 * Math.abs(e - 4)),
    ),
    ['overfitting'],
    5,
  ],
  [
    'a slow rise of validation loss',
    full(
      falling(30, 1.2, 0.2, 6),
      counted(30, e => 0.6 + 0.5 * Math.exp(-e / 3) + 0.008 * Math.max(0, e - 10)),
    ),
    ['overfitting'],
  ],
  [
    'validation that oscillates',
    full(
      falling(15, 1.2, 0.2, 4),
      counted(15, e => 0.5 + 0.5 * Math.exp(-e / 3) + (e % 2 ? 0.15 : -0.1)),
    ),
    ['oscillating'],
  ],
  [
    'validation that jumps wildly',
    full(falling(12, 1, 0.1, 3), [0.9, 1.4, 0.6, 1.1, 0.5, 1.2, 0.55, 0.9, 0.45, 1.0, 0.5, 0.8]),
    ['oscillating'],
  ],
  [
    'oscillation without accuracies',
    curves(falling(10, 1, 0.3, 3), [0.9, 0.6, 0.85, 0.5, 0.8, 0.45, 0.7, 0.42, 0.75, 0.4]),
    ['oscillating'],
  ],
  [
    'flat and high',
    full(
      counted(10, e => 1.75 + 0.05 * Math.exp(-e) + 0.002 * wobble(e)),
      counted(10, e => 1.77 + 0.04 * Math.exp(-e) + 0.003 * wobble(e + 2)),
    ),
    ['underfitting'],
  ],
  [
    'flat at chance',
    curves(
      counted(8, e => 2.31 + 0.0005 * wobble(e)),
      counted(8, e => 2.311 + 0.0005 * wobble(e + 3)),
      counted(8, e => 0.1 + 0.002 * wobble(e)),
      counted(8, () => 0.1),
    ),
    ['underfitting'],
  ],
  [
    'a small model that soon stops',
    full(
      [2.0, 1.8, 1.74, 1.72, 1.71, 1.705, 1.7, 1.7, 1.698, 1.697],
      [1.9, 1.78, 1.74, 1.73, 1.72, 1.72, 1.715, 1.72, 1.715, 1.715],
    ),
    ['underfitting'],
  ],
  [
    'a loss that becomes NaN',
    full([2.1, 1.7, Number.NaN, Number.NaN], [2, 1.9, Number.NaN, Number.NaN]),
    ['diverged'],
    3,
  ],
  ['a loss that becomes infinite', curves([2.1, 5, Number.POSITIVE_INFINITY]), ['diverged'], 3],
  ['NaN from the first epoch', curves([Number.NaN, Number.NaN]), ['diverged'], 1],
  ['a loss that explodes', full([1.9, 1.6, 2.4, 6.1, 35, 410], [1.8, 1.7, 3, 9, 60, 700]), ['diverged'], 2],
  [
    'a training loss that bounces',
    full([2.4, 2.9, 2.2, 3.3, 2.5, 3.1, 2.7], [2.5, 3.4, 2.3, 3, 2.9, 2.6, 3.2]),
    ['learning-rate-too-high'],
  ],
  [
    'a training loss that rises',
    full([2.3, 2.4, 2.6, 2.7, 2.9, 3.2], [2.3, 2.5, 2.6, 2.8, 2.9, 3.1]),
    ['learning-rate-too-high'],
  ],
  [
    'a long training whose loss bounces to the end',
    curves(Array.from({ length: 40 }, (_, epoch) => 2 + (epoch % 3) * 0.4)),
    ['learning-rate-too-high'],
  ],
  [
    'thrown off, then at chance for ever',
    curves([11.3, 2.31, 2.31, 2.309], [2.31, 2.31, 2.31, 2.31], [0.101, 0.099, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1]),
    ['learning-rate-too-high'],
    1,
    { learningRate: 0.03, perClass: new Array(10).fill(5000) },
  ],
  [
    'no better than guessing after three epochs',
    curves([2.31, 2.305, 2.301], [2.307, 2.304, 2.306], [0.1, 0.1, 0.11], [0.1, 0.098, 0.105]),
    ['underfitting'],
    3,
    { perClass: new Array(10).fill(60) },
  ],
  ['one epoch of guessing', curves([0.71], [0.7], [0.5], [0.51]), ['underfitting'], 1, { perClass: [600, 600] }],
  [
    'stopped while everything still improves',
    curves([2.31, 2.26, 2.2], [2.3, 2.296, 2.29], [0.1, 0.165, 0.18], [0.12, 0.116, 0.172]),
    ['stopped-early'],
    3,
    { perClass: new Array(10).fill(60) },
  ],
  ['two epochs of a thousand photographs', full([2.2, 1.9], [2.06, 1.85]), ['stopped-early'], 2],
  [
    'known by heart before validation loss rises',
    curves(
      [2.3, 2.18, 1.89, 1.73, 1.61, 1.52, 1.4, 1.31, 1.13, 1.04, 0.98, 0.9],
      [2.29, 2.0, 1.83, 1.72, 1.69, 1.66, 1.57, 1.53, 1.5, 1.46, 1.48, 1.51],
      [0.13, 0.19, 0.27, 0.31, 0.34, 0.39, 0.44, 0.48, 0.58, 0.62, 0.63, 0.67],
      [0.15, 0.22, 0.26, 0.29, 0.29, 0.32, 0.34, 0.37, 0.37, 0.4, 0.41, 0.39],
    ),
    ['overfitting'],
    10,
  ],
  [
    'hardly moving, in a straight line',
    full(
      counted(10, e => 2.3 - 0.02 * e),
      counted(10, e => 2.29 - 0.02 * e),
    ),
    ['learning-rate-too-low'],
  ],
  [
    'creeping',
    full(
      counted(12, e => 2.3 - 0.004 * e),
      counted(12, e => 2.3 - 0.004 * e),
    ),
    ['learning-rate-too-low'],
  ],
  [
    'still falling fast at the end',
    full(
      counted(8, e => 2.2 - 0.09 * e),
      counted(8, e => 2.15 - 0.085 * e),
    ),
    ['learning-rate-too-low'],
  ],
  [
    'validation from another world',
    full(falling(10, 0.9, 0.2, 3), falling(10, 2.4, 1.6, 3)),
    ['distribution-shift'],
    1,
  ],
  [
    'a tiny training set',
    full(
      falling(15, 2, 0.01, 3),
      counted(15, e => 1.8 + 0.05 * Math.abs(e - 3)),
    ),
    ['few-samples', 'overfitting'],
    undefined,
    { perClass: new Array(10).fill(20) },
  ],
  [
    'one class in ten times as many pictures',
    full(falling(10, 1.2, 0.1, 2), falling(10, 0.9, 0.15, 2)),
    ['class-imbalance'],
    undefined,
    { perClass: [4000, 400, 500] },
  ],
  [
    'dead units',
    full(falling(10, 1.2, 0.1, 2), falling(10, 0.9, 0.15, 2)),
    ['saturated-units'],
    undefined,
    { units: [relu('dense', 80, 100), relu('dense_1', 10, 100)] },
  ],
  [
    'stalled on dead units: a rate too high that does not break the training down',
    full([0.44, 0.182, 0.18, 0.186, 0.19], [0.136, 0.232, 0.198, 0.116, 0.127]),
    ['learning-rate-too-high', 'saturated-units'],
    3,
    { units: [relu('conv2d', 28, 32), relu('conv2d_1', 57, 64), relu('dense', 35, 64)] },
  ],
  [
    'a layer of tanh at its ends',
    full(falling(10, 1.2, 0.1, 2), falling(10, 0.9, 0.15, 2)),
    ['saturated-units'],
    undefined,
    { units: [{ layer: 'dense', activation: 'tanh', units: 84, dead: 0, saturated: 40 }] },
  ],
  [
    'two of three units dead, as in many a healthy dense layer',
    full(falling(10, 1.2, 0.1, 2), falling(10, 0.9, 0.15, 2)),
    ['healthy'],
    undefined,
    { units: [relu('conv2d', 0, 16), relu('dense', 44, 64)] },
  ],
]

describe('diagnose', () => {
  it.each(ills)('%s', (_, run, kinds, epoch, facts) => {
    const findings = diagnose(run, facts)
    expect(findings.map(({ kind }) => kind)).toEqual(kinds)
    if (epoch !== undefined) expect(findings[0]!.epoch).toBe(epoch)
    for (const { evidence, advice } of findings) {
      expect(evidence).toMatch(/\d|Nothing/)
      expect(advice.length).toBeGreaterThan(20)
    }
  })

  it('gives the epoch as the run counts it', () => {
    const run = full(
      falling(20, 1.5, 0.05, 5),
      counted(20, e => 0.5 + 0.02 * Math.abs(e - 6)),
    )
    expect(diagnose({ ...run, epochs: run.epochs.map(epoch => epoch - 1) })[0]!.epoch).toBe(6)
  })

  it('calls no rate too high whose loss falls noisily and comes to rest', () => {
    const noisy = (end: number) =>
      Array.from(
        { length: 60 },
        (_, epoch) => 0.5 + 1.3 * Math.exp(-epoch / 15) + (epoch % 2) * (epoch < end ? 0.3 : 0.02),
      )
    const kinds = (loss: readonly number[]) => diagnose(curves(loss), {}).map(({ kind }) => kind)
    expect(kinds(noisy(60))).toContain('learning-rate-too-high')
    expect(kinds(noisy(50))).not.toContain('learning-rate-too-high')
  })
})
