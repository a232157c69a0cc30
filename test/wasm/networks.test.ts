/** Small networks of every kind on the WebAssembly device: threads, row counts, memory. The slow suite forces every algorithm. */
import { describeNetworks } from './network-suites.testing.ts'
import { networkNames } from './networks.testing.ts'

const variants = networkNames.map(name => [name, 'auto'] as const)

describeNetworks(variants, { threads: [1, 2], rows: [7] })
