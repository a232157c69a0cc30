/** The training steps to be timed: each verified, then started on every number of threads. */

import { trainEntry } from '../packages/fovea/src/engine/train-entry.ts'
import { planProgram } from '../packages/fovea/src/plan/plan.ts'
import { wasm128 } from '../packages/fovea/src/plan/target.ts'
import { control } from '../packages/fovea/src/targets/wasm/barrier.ts'
import { deviceOf, host, type Own, ownContestant, type Work } from './measure.ts'
import { type Multiplications, planMultiplications } from './multiplications.ts'
import type { BenchOptions } from './options.ts'
import { startTraining, type Workload, workloadOf } from './training.ts'
import { verify } from './verify.ts'

export function trainingWork(name: string, options: BenchOptions): Work {
  const workload = workloadOf(name)
  const { recipe } = workload
  const device = deviceOf(options)
  return {
    task: 'train',
    recipe: name,
    batch: recipe.batchSize,
    async start() {
      if (options.device !== 'reference') await verify(workload, device, host, options.threads.at(-1)!)
      const own: Own[] = []
      for (const threads of options.threads) {
        const { learner, run } = await startTraining(workload, device, host, threads)
        const work = async (steps: number): Promise<void> => void (await run(steps))
        own.push(ownContestant(options, learner.engine, threads, work))
      }
      return { own, cost: await trainingCost(workload) }
    },
  }
}

export async function trainingCost({ model, setup, recipe }: Workload): Promise<Multiplications> {
  const train = trainEntry(model, setup).make(recipe.batchSize, ['u8']).graph
  const { entries } = await planProgram({ train }, { target: wasm128, slots: 1, start: control.end })
  return planMultiplications(entries[0]!)
}
