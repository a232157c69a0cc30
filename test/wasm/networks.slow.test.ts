/** Small networks of every kind on the WebAssembly device: any number of threads, row counts, memory, every algorithm. */
import { describeNetworks } from './network-suites.testing.ts'
import { networkNames } from './networks.testing.ts'
import type { Variant } from './runs.testing.ts'

const variants: Variant[] = [
  ...networkNames.map(name => [name, 'auto'] as const),
  ...(['cnn', 'random', 'branches'] as const).flatMap(name =>
    (['direct', 'winograd2', 'winograd4'] as const).map(algorithm => [name, algorithm] as const),
  ),
]

describeNetworks(variants, { threads: [1, 2, 3, 5], rows: [1, 7, 9] })
