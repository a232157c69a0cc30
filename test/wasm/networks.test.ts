/** Small networks of every kind on the WebAssembly device: threads, row counts, memory. The slow suite forces every algorithm. */
import { describeLastBatch, describeMemory, describeThreads } from './network-suites.testing.ts'
import { networkNames } from './networks.testing.ts'

const variants = networkNames.map(name => [name, 'auto'] as const)

describeThreads(variants, [1, 2])
describeLastBatch(variants, [7])
describeMemory(variants)
