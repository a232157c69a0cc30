/** The calibration loop beside a whole measurement: its rates round by round, what they come to, and whether they make the figures void. */
import type { Host } from '../packages/fovea/src/base/host.ts'
import { calibrator } from './calibration.ts'
import type { BenchDocument } from './document.ts'
import { median } from './statistics.ts'
import { LEAST_GAIN } from './table.ts'

export interface CalibrationLog {
  /** One more round. */
  measure(): Promise<void>
  readonly rounds: number
  /** Median FLOP/s of so many threads, from this round on. */
  rate(threads: number, first?: number): number
  /** For the document. */
  found(): Pick<BenchDocument, 'calibration' | 'void'>
  close(): Promise<void>
}

/** @param counts numbers of threads. */
export async function calibrationLog(host: Host, counts: readonly number[]): Promise<CalibrationLog> {
  const { measure, close } = await calibrator(host, counts)
  const ones: number[] = []
  const all = new Map(counts.map(count => [count, [] as number[]]))
  const rate = (threads: number, first = 0): number => median(all.get(threads)!.slice(first))
  return {
    async measure() {
      const rates = await measure()
      ones.push(rates.one)
      for (const [count, list] of all) list.push(rates.all.get(count)!)
    },
    get rounds() {
      return ones.length
    },
    rate,
    found() {
      const calibration = {
        one: median(ones) / 1e9,
        all: Object.fromEntries(counts.map(count => [count, rate(count) / 1e9])),
      }
      const rates = ones.map(one => one / 1e9)
      return { calibration, void: voidBecause(rates, calibration.all) }
    },
    close,
  }
}

/** The calibration of single rounds may be this much slower than at its best. */
const STEADY = 0.85

/**
 * Other work on the machine shows in what two threads gain where nothing is shared, and in a rate that changes from round to round.
 * @param ones the rates of one thread, by round
 */
export function voidBecause(ones: readonly number[], all: Readonly<Record<string, number>>): string | null {
  const one = median(ones)
  const two = all['2']
  const steadiness = one / Math.max(...ones)
  if (two !== undefined && two < LEAST_GAIN * one) {
    return `two threads gained × ${(two / one).toFixed(2)} in the calibration, less than ${LEAST_GAIN}: the machine is busy`
  }
  if (steadiness >= STEADY) return null
  return `the calibration ran at ${(100 * steadiness).toFixed(0)} % of its best rate, less than ${100 * STEADY} %: the machine is busy`
}
