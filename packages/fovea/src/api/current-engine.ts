/**
 * The engine of a classifier over its life, with what asks and trains the model on it: made when first needed, made anew after `compile` or
 * when layers were added or frozen. Weights go along from one to the next; those of new layers get their first values.
 */
import { UserError } from '../base/errors.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import { readWeights, writeWeights } from '../engine/model-weights.ts'
import { createPredictor, type Predictor } from '../engine/predictor.ts'
import type { TrainingSetup } from '../engine/train-entry.ts'
import type { Model } from '../network/model.ts'
import { initialWeights } from '../network/weights.ts'
import { checkMixing, mixingsOf } from '../objectives/mixing.ts'
import { checkRateFactors } from '../optimizer/rate-factors.ts'
import type { Device, Numerics } from '../runtime/device.ts'
import { programsInUse } from '../runtime/wasm/programs-in-use.ts'
import { matchWeights, type NamedWeight } from '../store/model-file.ts'
import { warningLine } from '../train/callbacks/progress-bar.ts'
import { compileWarnings } from '../train/compile-warnings.ts'
import { createLearner, type Learner, notCompiled } from '../train/learner.ts'
import type { Platform } from './platform.ts'

export interface Compilation {
  readonly setup: TrainingSetup
  readonly device?: Device | undefined
  readonly threads?: number | undefined
  readonly numerics?: Numerics | undefined
}

/** The model as it is now, on its engine. */
export interface Current {
  readonly model: Model
  readonly engine: Engine
  readonly predictor: Predictor
  /** Missing before `compile`, and where the model was changed since. */
  readonly learner?: Learner | undefined
}

export interface CurrentEngine {
  /** For prediction and weights. */
  ready(): Promise<Current>
  /** For what `compile` makes possible. Throws UserError without it, or when the model was changed since. */
  learner(verb: 'train' | 'evaluate' | 'compute gradients'): Promise<Learner>
  /** Trains: until it is done, the engine stays. Throws UserError when another training is under way. */
  train<T>(work: (learner: Learner) => Promise<T>): Promise<T>
  /** Throws UserError while the model is being trained; `what` would disturb it. */
  mustBeIdle(what: string): void
  /** The engine there is, if any. */
  readonly engine: Engine | undefined
  /** Prints what is doubtful about it, once. */
  compile(compilation: Compilation): void
  /** What `compile` has printed. */
  readonly printed: ReadonlySet<string>
  /** The model is another one now. */
  changed(): void
  /** Before anything used the weights, their seed may still be chosen. */
  seedWeights(seed: number): void
  /** Weights to begin with; checked against the model. */
  setWeights(weights: readonly NamedWeight[], source?: string): Promise<void>
  dispose(): Promise<void>
}

/** More programs at once than a comparison of models needs: somebody forgets to give them back. */
const MANY_PROGRAMS = 32
/** Said once in a process, whichever model it is. */
let saidThatMany = false

function sayIfMany(platform: Platform): void {
  if (saidThatMany || programsInUse() < MANY_PROGRAMS) return
  saidThatMany = true
  const text = `${MANY_PROGRAMS} models hold memory and threads at once. Call dispose() on those you no longer need.`
  platform.output.write(`${warningLine(text)}\n`)
}

export function currentEngine(model: () => Model, platform: Platform, seed: number): CurrentEngine {
  let weightSeed = seed
  let compilation: Compilation | undefined
  let current: Current | undefined
  let values: Record<string, ArrayLike<number>> = {}
  /** What has changed since the engine was made. */
  let outdated = false
  /** The model was changed after `compile`. */
  let recompile = false
  let making: Promise<Current> | undefined
  /** Warnings that listeners of a training were told, and those that `compile` has printed. */
  const said = new Set<string>()
  const printed = new Set<string>()
  let training = false

  function mustBeIdle(what: string): void {
    if (!training) return
    throw new UserError({
      what: `${what} must wait: the model is being trained`,
      fix: 'await the call of fit first, or end it through its signal',
    })
  }

  async function make(): Promise<Current> {
    await keep()
    const now = model()
    const known = (name: string, length: number): boolean => values[name]?.length === length
    const first = initialWeights(now, weightSeed)
    const weights = Object.fromEntries(
      Object.entries(first).map(([name, value]) => [name, known(name, value.length) ? values[name]! : value]),
    )
    sayIfMany(platform)
    outdated = false
    current = startedWith(now, weights)
    return current
  }

  function startedWith(now: Model, weights: Record<string, ArrayLike<number>>): Current {
    const { setup, device = platform.device(), threads, numerics } = compilation ?? {}
    const { clock } = platform
    const options = { device, ...(threads !== undefined && { threads }), ...(numerics !== undefined && { numerics }) }
    if (!setup || recompile) {
      const engine = createEngine({ ...options, states: weights })
      return { model: now, engine, predictor: createPredictor(now, engine, clock) }
    }
    const learner = createLearner({ ...options, model: now, setup, clock, said, weights })
    const { engine } = learner
    return { model: now, engine, predictor: createPredictor(now, engine, clock), learner }
  }

  /** Takes the weights out of the engine and ends it. When a run broke it, the weights are those it began with. */
  async function keep(): Promise<void> {
    const old = current
    if (!old) return
    const weights = await readWeights(old.model, old.engine).catch(() => undefined)
    if (weights) values = Object.fromEntries(weights.map(({ name, data }) => [name, data]))
    current = undefined
    await old.engine.dispose()
  }

  async function ready(): Promise<Current> {
    if (current && !outdated) return current
    making ??= make().finally(() => {
      making = undefined
    })
    return making
  }

  async function learner(verb: 'train' | 'evaluate' | 'compute gradients'): Promise<Learner> {
    if (!compilation) throw notCompiled(verb)
    const { learner } = recompile ? {} : await ready()
    if (learner) return learner
    throw new UserError({
      what: 'The model was changed after compile (layers added, frozen or thawed)',
      fix: 'call compile again; the weights are kept, the optimizer begins anew',
    })
  }

  return {
    ready,
    learner,
    async train(work) {
      mustBeIdle('Training')
      training = true
      try {
        return await work(await learner('train'))
      } finally {
        training = false
      }
    },
    mustBeIdle,
    get engine() {
      return current?.engine
    },
    printed,
    compile(given) {
      mustBeIdle('compile')
      checkRateFactors(given.setup.optimizer, model().weights)
      checkMixing(model(), mixingsOf(given.setup.mixing))
      compilation = given
      outdated = true
      recompile = false
      for (const text of compileWarnings(model(), given.setup)) {
        if (!printed.has(text)) platform.output.write(`${warningLine(text)}\n`)
        printed.add(text)
      }
    },
    changed() {
      mustBeIdle('A change of the model')
      outdated = true
      recompile = true
    },
    seedWeights(other) {
      if (!current && !making && Object.keys(values).length === 0) weightSeed = other
    },
    async setWeights(weights, source) {
      // Nothing needs to be compiled for weights alone.
      if (current && !outdated) await writeWeights(current.model, current.engine, weights, source)
      else {
        await keep()
        values = { ...values, ...matchWeights(weights, model().weights, source) }
      }
    },
    async dispose() {
      mustBeIdle('dispose')
      await making
      await keep()
    },
  }
}
