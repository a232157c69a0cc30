/**
 * Successive halving in brackets (Jamieson & Talwalkar 2016; as the ladders of ASHA, Li et al. 2018). Each bracket has nine trials (the last one up to 17): all
 * are trained for a ninth of their epochs, the best three for a third, the best one for all. A rung is decided when all of its trials
 * are in, and a worker that would have to wait for it takes trials of the next bracket instead. So which trials go on depends on
 * their values alone, not on who was faster. A third goes on: near e, where a rung costs least for what it decides (Li et al. 2018).
 */

/** Of the trials of a rung, one in so many goes on. */
export const reduction = 3
const mostHalvings = 2

export interface Ladder {
  readonly trials: number
  /** From 1 (everything is trained in full) to 3. */
  readonly rungs: number
}

/** A trial to be trained up to a rung (from 0). */
export interface Piece {
  readonly trial: number
  readonly rung: number
}

/** What a piece came to; null for a training that broke down. */
export type WorthOf = (piece: Piece) => number | null | undefined

/** As many rungs as trials and epochs give, at most three. */
export function rungsFor(trials: number, epochs: number): number {
  const fits = (rungs: number): boolean => {
    const all = Array.from({ length: rungs }, (_, rung) => rungEpochs(epochs, rung, rungs))
    return reduction ** (rungs - 1) <= trials && all.every((each, rung) => rung === 0 || each > all[rung - 1]!)
  }
  for (let rungs = mostHalvings + 1; rungs > 1; rungs--) if (fits(rungs)) return rungs
  return 1
}

/** The epochs at which a rung of a trial of so many epochs lies. */
export function rungEpochs(epochs: number, rung: number, rungs: number): number {
  return Math.max(1, Math.round(epochs / reduction ** (rungs - 1 - rung)))
}

/** The trials of every bracket, by their numbers. What is left at the end joins the last one: alone it would go on without a comparison. */
export function bracketsOf({ trials, rungs }: Ladder): readonly (readonly number[])[] {
  const size = reduction ** (rungs - 1)
  const count = Math.max(1, Math.floor(trials / size))
  return Array.from({ length: count }, (_, bracket) => {
    const first = bracket * size
    const behind = bracket === count - 1 ? trials : first + size
    return Array.from({ length: behind - first }, (_, index) => first + index)
  })
}

/** Of each rung of a bracket the trials that reach it; undefined for rungs that cannot be told yet. */
export function entrantsOf(
  { rungs }: Ladder,
  bracket: readonly number[],
  worthOf: WorthOf,
): readonly (readonly number[] | undefined)[] {
  const entrants: (readonly number[] | undefined)[] = [bracket]
  for (let rung = 0; rung < rungs - 1; rung++) {
    const here = entrants[rung]
    const values = here?.map(trial => worthOf({ trial, rung }))
    entrants.push(here && !values!.includes(undefined) ? goingOn(here, values as (number | null)[]) : undefined)
  }
  return entrants
}

/** The best third, at least one; of equal ones the first. Who broke down does not go on. */
function goingOn(trials: readonly number[], values: readonly (number | null)[]): number[] {
  const order = trials
    .map((trial, index) => ({ trial, value: values[index]! }))
    .filter(({ value }) => value !== null)
    .sort((a, b) => b.value - a.value || a.trial - b.trial)
  return order.slice(0, Math.max(1, Math.floor(trials.length / reduction))).map(({ trial }) => trial)
}

/** All pieces that can be trained now: those of higher rungs first. `done` where none will come any more. */
export function openPieces(
  ladder: Ladder,
  worthOf: WorthOf,
): { readonly pieces: readonly Piece[]; readonly done: boolean } {
  const all = bracketsOf(ladder).map(bracket => entrantsOf(ladder, bracket, worthOf))
  const rungs = Array.from({ length: ladder.rungs }, (_, index) => ladder.rungs - 1 - index)
  const pieces = rungs.flatMap(rung => all.flatMap(entrants => (entrants[rung] ?? []).map(trial => ({ trial, rung }))))
  const open = pieces.filter(piece => worthOf(piece) === undefined)
  return { pieces: open, done: open.length === 0 && all.every(entrants => !entrants.includes(undefined)) }
}

/** Whether a trial will not be trained further, whatever comes. */
export function isOut(ladder: Ladder, trial: number, worthOf: WorthOf): boolean {
  const bracket = bracketsOf(ladder).find(each => each.includes(trial))!
  const entrants = entrantsOf(ladder, bracket, worthOf)
  return entrants.some(each => each !== undefined && !each.includes(trial))
}
