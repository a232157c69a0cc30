/** What `npm run bench -- --json` prints and `--record` keeps: one document a run. Times are milliseconds. */

export interface PeerTime {
  /** Median and least of the rounds. */
  readonly msPerStep: number
  readonly leastMsPerStep: number
  /** Ours ÷ theirs, of the medians. */
  readonly ratio: number
  /** How it was run: `channels_last`. */
  readonly about?: string
  /** What its process grew by at most, where that was measured. */
  readonly memoryBytes?: number
}

export interface BenchResult {
  readonly task: 'train' | 'predict'
  readonly recipe: string
  readonly batch: number
  readonly device: string
  readonly threads: number
  /** Median and least of the rounds. */
  readonly msPerStep: number
  readonly leastMsPerStep: number
  readonly picturesPerSecond: number
  /** Of multiplications and their additions, as the plain loop would do them. */
  readonly gflops: number
  /** Of the multiplications actually done, in the rate of the calibration loop on as many threads. */
  readonly share: number
  readonly compileMs: number
  readonly codeBytes: number
  readonly memoryBytes: number
  /** By name: those measured in the same rounds. */
  readonly peers: Readonly<Record<string, PeerTime>>
}

export interface Calibration {
  /** GFLOP/s of the calibration loop on one thread, by number of threads on all. */
  readonly one: number
  readonly all: Readonly<Record<string, number>>
}

export interface BenchDocument {
  readonly date: string
  readonly commit: string
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryBytes: number }
  readonly versions: Readonly<Record<string, string>>
  readonly calibration: Calibration
  /** Why the figures do not count (the machine was busy); null when they do. */
  readonly void: string | null
  readonly results: readonly BenchResult[]
  /** Geometric mean of the ratios to each peer, over the results it takes part in. */
  readonly geometricMean: Readonly<Record<string, number>>
}
