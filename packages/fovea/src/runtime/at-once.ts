/**
 * All code that plans and programs load when they need it (the families of plan and kernels, the pool of workers), at once: for Node, where
 * reading files one by one takes longer and nothing is saved.
 */
import '../kernels/gradient-emitters.ts'
import '../kernels/rarer-elementwise.ts'
import '../kernels/rarer-emitters.ts'
import '../kernels/winograd-emitters.ts'
import '../kernels/winograd-gradient-emitters.ts'
import '../plan/fuse-reductions.ts'
import '../plan/lower-gradients.ts'
import '../plan/lower-rarer.ts'
import '../plan/lower-reduce.ts'
import '../plan/state-updates.ts'
import '../plan/training-rules.ts'
import '../targets/wasm/shared-barrier.ts'
import './wasm/workers.ts'
