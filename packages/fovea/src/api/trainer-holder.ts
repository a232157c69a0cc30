/**
 * The trainer of a classifier over its life: made when first needed, made anew after `compile` or when layers were added or frozen.
 * Weights go along from one to the next; those of new layers get their first values.
 */
import { UserError } from '../base/errors.ts'
import type { Model } from '../network/model.ts'
import { initialWeights } from '../network/weights.ts'
import type { Device, Numerics } from '../runtime/device.ts'
import { programsInUse } from '../runtime/wasm/programs-in-use.ts'
import { matchWeights, type NamedWeight } from '../store/model-file.ts'
import { warningLine } from '../train/callbacks/progress-bar.ts'
import { compileWarnings } from '../train/compile-warnings.ts'
import type { TrainingSetup } from '../train/live-program.ts'
import { createTrainer, notCompiled, type Trainer } from '../train/trainer.ts'
import type { Platform } from './platform.ts'

export interface Compilation {
  readonly setup: TrainingSetup
  readonly device?: Device
  readonly threads?: number
  readonly numerics?: Numerics
}

export interface TrainerHolder {
  /** For prediction and weights, or for what `compile` makes possible: then it throws UserError without, or when the model was changed since. */
  trainer(verb?: 'train' | 'evaluate' | 'compute gradients'): Promise<Trainer>
  /** Trains: until it is done, the trainer stays. Throws UserError when another training is under way. */
  train<T>(work: (trainer: Trainer) => Promise<T>): Promise<T>
  /** Throws UserError while the model is being trained; `what` would disturb it. */
  mustBeIdle(what: string): void
  /** The trainer there is, if any. */
  readonly current: Trainer | undefined
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

export function trainerHolder(model: () => Model, platform: Platform, seed: number): TrainerHolder {
  let weightSeed = seed
  let compilation: Compilation | undefined
  let trainer: Trainer | undefined
  let values: Record<string, ArrayLike<number>> = {}
  /** What has changed since the trainer was made. */
  let outdated = false
  /** The model was changed after `compile`. */
  let recompile = false
  let making: Promise<Trainer> | undefined
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

  async function make(): Promise<Trainer> {
    await keep()
    const current = model()
    const known = (name: string, length: number): boolean => values[name]?.length === length
    const first = initialWeights(current, weightSeed)
    const weights = Object.fromEntries(
      Object.entries(first).map(([name, value]) => [name, known(name, value.length) ? values[name]! : value]),
    )
    const { setup, device, threads, numerics } = compilation ?? {}
    sayIfMany(platform)
    outdated = false
    trainer = createTrainer({
      model: current,
      ...(setup && !recompile && { setup }),
      device: device ?? platform.device(),
      clock: platform.clock,
      said,
      ...(threads !== undefined && { threads }),
      ...(numerics !== undefined && { numerics }),
      weights,
    })
    return trainer
  }

  /** Takes the weights out of the trainer and ends it. When a run broke it, the weights are those it began with. */
  async function keep(): Promise<void> {
    const old = trainer
    if (!old) return
    const weights = await old.weights().catch(() => undefined)
    if (weights) values = Object.fromEntries(weights.map(({ name, data }) => [name, data]))
    trainer = undefined
    await old.dispose()
  }

  async function ready(): Promise<Trainer> {
    if (trainer && !outdated) return trainer
    making ??= make().finally(() => {
      making = undefined
    })
    return making
  }

  async function trainerFor(verb?: 'train' | 'evaluate' | 'compute gradients'): Promise<Trainer> {
    if (verb && !compilation) throw notCompiled(verb)
    if (verb && recompile) {
      throw new UserError({
        what: 'The model was changed after compile (layers added, frozen or thawed)',
        fix: 'call compile again; the weights are kept, the optimizer begins anew',
      })
    }
    return ready()
  }

  return {
    trainer: trainerFor,
    async train(work) {
      mustBeIdle('Training')
      training = true
      try {
        return await work(await trainerFor('train'))
      } finally {
        training = false
      }
    },
    mustBeIdle,
    get current() {
      return trainer
    },
    printed,
    compile(given) {
      mustBeIdle('compile')
      model()
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
      if (!trainer && !making && Object.keys(values).length === 0) weightSeed = other
    },
    async setWeights(weights, source) {
      // Nothing needs to be compiled for weights alone.
      if (trainer && !outdated) await trainer.setWeights(weights, source)
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
