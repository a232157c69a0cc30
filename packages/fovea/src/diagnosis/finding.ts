/** What diagnosis says about a run, and how it writes numbers. */

/** Worst first: the order in which findings are given. */
export const findingKinds = [
  'diverged',
  'learning-rate-too-high',
  'few-samples',
  'distribution-shift',
  'overfitting',
  'oscillating',
  'learning-rate-too-low',
  'stopped-early',
  'underfitting',
  'saturated-units',
  'class-imbalance',
  'healthy',
] as const
export type FindingKind = (typeof findingKinds)[number]

/** For people. Early stopping is a remedy, so a run that ended before its time is not said to have "stopped early". */
export const nameOfFinding = (kind: FindingKind): string =>
  kind === 'stopped-early' ? 'stopped too soon' : kind.replaceAll('-', ' ')

/** A type alias, so that it is also plain JSON. */
export type Finding = {
  readonly kind: FindingKind
  /** The epoch it is about, as the run counts its epochs; null where it is about the whole run. */
  readonly epoch: number | null
  /** What was seen, with the numbers. */
  readonly evidence: string
  /** What to change. */
  readonly advice: string
}

/** Four digits. */
export function figure(value: number): string {
  return Math.abs(value) >= 1000 ? value.toExponential(2) : String(Number(value.toPrecision(4)))
}

export function roughPercent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`
}

/** `1 epoch`, `3 epochs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
