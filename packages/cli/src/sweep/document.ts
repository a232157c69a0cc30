/** A sweep as one document: what `--json` prints, and table and page are made of. It says nothing of who trained what, or when. */
import { nodeFiles } from 'fovea/internal/host/node/files'
import type { Dimension } from './dimension.ts'
import { reduction } from './halving.ts'
import type { SweepState } from './journal.ts'
import type { SweepPlan } from './plan.ts'
import { importanceOf, rankedTrials } from './ranking.ts'

/** `fovea sweep RECIPE --vary … --json` */
export interface SweepDocument {
  /** Its folder. */
  readonly sweep: string
  readonly recipe: string
  readonly seed: number
  /** Trials that are planned. */
  readonly planned: number
  /** Of the trials of a rung one in so many goes on. */
  readonly reduction: number
  readonly rungs: number
  readonly vary: readonly Dimension[]
  /** Trials with a result, best first. */
  readonly trials: readonly SweepTrial[]
  /** How much of the variance on the first rung goes with each option, the highest first; null where there are too few trials. */
  readonly importance: readonly { readonly name: string; readonly share: number | null }[]
  /** Trained in full; null where it was not (yet). */
  readonly winner: SweepWinner | null
  /** The page. */
  readonly report: string
}

/** One set of values. */
export interface SweepTrial {
  /** From 1. */
  readonly trial: number
  readonly values: { readonly [name: string]: number | string | boolean }
  /** How far it came, from 1. */
  readonly rung: number
  readonly epochs: number
  /** On the held-out pictures; null where training broke down. */
  readonly accuracy: number | null
  /** Epoch by epoch. */
  readonly curve: readonly {
    readonly epoch: number
    readonly loss: number
    readonly valLoss: number | null
    readonly valAccuracy: number | null
  }[]
}

/** The best trial's values, trained once more from the beginning. */
export interface SweepWinner {
  readonly trial: number
  readonly runDir: string
  readonly epochs: number
  /** On the test set, measured this once; null where there is none. */
  readonly testAccuracy: number | null
  readonly weightsSha256: string
}

export function sweepDocument(
  plan: SweepPlan,
  state: SweepState,
  place: { readonly folder: string; readonly winnerFolder: string },
): SweepDocument {
  const trials = rankedTrials(plan, state).map(({ trial, values, rung, epochs, value, curve }) => ({
    trial: trial + 1,
    values,
    rung: rung + 1,
    epochs,
    accuracy: value,
    curve,
  }))
  const { winner } = state
  return {
    sweep: place.folder,
    recipe: plan.recipe.name,
    seed: plan.seed,
    planned: plan.trials,
    reduction,
    rungs: plan.rungs,
    vary: plan.dimensions,
    trials,
    importance: importanceOf(plan, state),
    winner:
      winner && trials[0]
        ? {
            trial: trials[0].trial,
            runDir: place.winnerFolder,
            epochs: winner.epochs,
            testAccuracy: winner.test?.accuracy ?? null,
            weightsSha256: winner.weightsSha256,
          }
        : null,
    report: nodeFiles.join(place.folder, 'sweep.html'),
  }
}
