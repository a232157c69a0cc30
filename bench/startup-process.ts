/** A process of its own that gets one recipe's training step ready for the first time and runs it once. In: recipe, threads. Out: a line of JSON. */

import { deviceOf, host } from './measure.ts'
import type { ColdStart } from './startup.ts'
import { startTraining, workloadOf } from './training.ts'

const [name, threads] = process.argv.slice(2)
const workload = workloadOf(name!)
const device = deviceOf({ device: 'wasm' })
const { learner, run } = await startTraining(workload, device, host, Number(threads))
const ready = host.now()
const compileMs = learner.engine.compileSeconds * 1000
const { codeBytes } = learner.engine.info!
await run(1)
const start: ColdStart = { compileMs, firstStepMs: host.now() - ready, codeBytes }
process.stdout.write(`${JSON.stringify(start)}\n`)
await learner.dispose()
