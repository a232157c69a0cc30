/** The recipes that are measured, and how long a training step may take at most, in PyTorch's time for it. */

/** Measured unless others are named. */
const usual = {
  'mnist-mlp': 0.95,
  'cifar10-mlp': 0.75,
  'mnist-cnn': 1.05,
  'cifar10-cnn': 0.95,
  'fashion-lenet': 0.8,
  'cifar10-cnn-wide': 0.8,
  'cifar10-cnn-optimized': 1.1,
} as const satisfies Readonly<Record<string, number>>

export const aims = { ...usual, 'mobilenet-v2': 1, resnet20: 1, airbench: 1, 'airbench-512': 1 } as const

export type BenchRecipe = keyof typeof aims
export const benchRecipes = Object.keys(usual) as (keyof typeof usual)[]
/** Those too that are only measured when they are named: a reference device takes minutes for large pictures. */
export const allBenchRecipes = Object.keys(aims) as BenchRecipe[]

/** Of the geometric mean over all of them, by peer. */
export const meanAims: Readonly<Record<string, number>> = { torch: 0.9, keras: 0.8 }
