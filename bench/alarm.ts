/**
 * The alarm: no kind of kernel may fall under half of its limit. Limits come from calibration loops of the same run, on one thread: a
 * kernel's multiplications at the rate of a register tile, or its bytes at the rate of copying, whichever takes longer. Judged is
 * each kind over all the recipes' training steps; what is too short to be timed well is not.
 */
import { columns } from '../packages/fovea/src/base/text.ts'
import { calibrator, localCalibration } from './calibration.ts'
import { host } from './measure.ts'
import { multiplicationsOf } from './multiplications.ts'
import { profileRecipe } from './profile-recipe.ts'
import type { BenchRecipe } from './recipes.ts'
import { LEAST_GAIN } from './table.ts'
import { workloadOf } from './training.ts'

/** Of a kind's limit. */
const LEAST_SHARE = 0.5
/** Kinds that take a smaller part of all time are not judged. */
const LEAST_PART = 0.002
/** A machine may be busy for a moment: what fails is measured again, the best counts. Busy in all of them: no verdict. */
const TRIALS = 3

/** Kinds that are slower, with the reason; the number is some two thirds of what they reach where copying is fastest. */
const slower: Readonly<Record<string, number>> = {
  // Gathers single floats at computed places.
  affineSample: 0.05,
  // First layers: a pixel sums 9 or 27 products, and its bias, activation and store weigh as much.
  conv2d: 0.4,
  // Transforms of 36 numbers a tile: arithmetic, not memory, and not counted as multiplications.
  winogradConv: 0.42,
  winogradFilterGrad: 0.42,
  winogradFilter: 0.19,
  winogradOutput: 0.14,
  winogradTiles: 0.3,
  // Short kernels over numbers that lie in the cache: sums of pieces and divisions, which copying has not.
  moments: 0.25,
  combine: 0.15,
}

export interface KindTime {
  readonly kind: string
  readonly ms: number
  readonly limitMs: number
}

export interface Verdict extends KindTime {
  readonly share: number
  readonly least: number
  readonly judged: boolean
  readonly fails: boolean
}

/** Kernels of a kind added up. */
export function verdicts(times: readonly KindTime[]): Verdict[] {
  const all = times.reduce((sum, { ms }) => sum + ms, 0)
  return [...new Set(times.map(({ kind }) => kind))].map(kind => {
    const own = times.filter(time => time.kind === kind)
    const ms = own.reduce((sum, time) => sum + time.ms, 0)
    const limitMs = own.reduce((sum, time) => sum + time.limitMs, 0)
    const [share, least, judged] = [limitMs / ms, slower[kind] ?? LEAST_SHARE, ms >= LEAST_PART * all]
    return { kind, ms, limitMs, share, least, judged, fails: judged && share < least }
  })
}

export interface Alarm {
  readonly verdicts: readonly Verdict[]
  /** Other work was on the machine in every trial: what fails says nothing. */
  readonly busy: boolean
}

/** Every kind of kernel that the recipes' training steps have. */
export async function alarm(recipes: readonly BenchRecipe[]): Promise<Alarm> {
  const calibrate = localCalibration(host.now)
  const both = host.cores > 1 ? await calibrator(host, [2]) : undefined
  const isQuiet = async (): Promise<boolean> => {
    if (!both) return true
    const { one, all } = await both.measure()
    return all.get(2)! >= LEAST_GAIN * one
  }
  let best: Verdict[] = []
  let busy = true
  try {
    for (let trial = 0; trial < TRIALS; trial++) {
      let quiet = await isQuiet()
      const times: KindTime[] = []
      for (const name of recipes) {
        times.push(...(await kindTimes(name, calibrate)))
        quiet &&= await isQuiet()
      }
      if (quiet) busy = false
      best = verdicts(times).map(verdict => {
        const before = best.find(({ kind }) => kind === verdict.kind)
        return before && before.share > verdict.share ? before : verdict
      })
      if (!best.some(({ fails }) => fails)) break
    }
    return { verdicts: best, busy }
  } finally {
    await both?.close()
  }
}

async function kindTimes(name: string, calibrate: ReturnType<typeof localCalibration>): Promise<KindTime[]> {
  const before = calibrate()
  const { kernels, batch } = await profileRecipe(workloadOf(name), 1)
  const after = calibrate()
  // Of two moments the slower: the profile lay between them.
  const [tile, copy] = [Math.min(before.tile, after.tile), Math.min(before.copy, after.copy)]
  return kernels.map(({ kernel, bytes, milliseconds }) => ({
    kind: kernel.spec.kind,
    ms: milliseconds[0]!,
    limitMs: 1000 * Math.max(multiplicationsOf(kernel, batch).done / tile, bytes / copy),
  }))
}

export function alarmText({ verdicts: found, busy }: Alarm): string {
  const rows = found.toSorted((a, b) => b.ms - a.ms)
  const cells = (text: (verdict: Verdict) => string): readonly string[] => rows.map(text)
  const table = columns([
    { title: 'kind', cells: cells(({ kind }) => kind) },
    { title: 'ms', cells: cells(({ ms }) => ms.toFixed(2)), align: 'right' },
    { title: 'limit ms', cells: cells(({ limitMs }) => limitMs.toFixed(2)), align: 'right' },
    { title: 'share', cells: cells(({ share }) => share.toFixed(2)), align: 'right' },
    {
      title: 'at least',
      cells: cells(({ least, judged }) => (judged ? least.toFixed(2) : 'too short')),
      align: 'right',
    },
    { title: '', cells: cells(({ fails }) => (fails ? 'TOO SLOW' : '')) },
  ])
  if (!busy || !found.some(({ fails }) => fails)) return table
  return `${table}\n\nThe machine is busy (two threads gain less than × ${LEAST_GAIN} in every trial): this says nothing.`
}
