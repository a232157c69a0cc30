/**
 * All that the device loads when it is first needed, known from the beginning: some bundlers (Vite up to 7) make a worker of one file, and
 * fail where a part of it is only ever imported by `import()`. test/worker-families.test.ts holds the list complete.
 */
import * as depthwiseEmitters from '../../kernels/depthwise-emitters.ts'
import * as gradientEmitters from '../../kernels/gradient-emitters.ts'
import * as rarerElementwise from '../../kernels/rarer-elementwise.ts'
import * as rarerEmitters from '../../kernels/rarer-emitters.ts'
import * as winogradEmitters from '../../kernels/winograd-emitters.ts'
import * as winogradGradientEmitters from '../../kernels/winograd-gradient-emitters.ts'
import * as fuseReductions from '../../plan/fuse-reductions.ts'
import * as lowerDepthwise from '../../plan/lower-depthwise.ts'
import * as lowerGradients from '../../plan/lower-gradients.ts'
import * as lowerRarer from '../../plan/lower-rarer.ts'
import * as lowerReduce from '../../plan/lower-reduce.ts'
import * as paddingRules from '../../plan/padding-rules.ts'
import * as stateUpdates from '../../plan/state-updates.ts'
import * as trainingRules from '../../plan/training-rules.ts'
import * as sharedBarrier from '../../targets/wasm/shared-barrier.ts'
import * as addedEntries from '../wasm/added-entries.ts'
import * as refusals from '../wasm/refusals.ts'
import * as workers from '../wasm/workers.ts'

export const families: readonly object[] = [
  depthwiseEmitters,
  gradientEmitters,
  rarerElementwise,
  rarerEmitters,
  winogradEmitters,
  winogradGradientEmitters,
  fuseReductions,
  lowerDepthwise,
  lowerGradients,
  lowerRarer,
  lowerReduce,
  paddingRules,
  stateUpdates,
  trainingRules,
  addedEntries,
  refusals,
  workers,
  sharedBarrier,
]
