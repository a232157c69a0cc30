/**
 * The kinds of error: what the user gave cannot be used (a `PictureError` where it is one picture), or Fovea is wrong.
 *
 * `instanceof` asks for a brand, not for the class: a server in one file holds a copy of the library, and the package that reads
 * picture files, loaded while it runs, brings another one, whose errors are the same to whoever catches them.
 */
import { printable } from './printable.ts'

/** One thing that is wrong. */
export interface Problem {
  /** What happened, in one sentence. */
  what: string
  expected?: string | undefined
  received?: string | undefined
  /** What to do about it. */
  fix?: string | undefined
}

const userBrand = Symbol.for('fovea.UserError')
const pictureBrand = Symbol.for('fovea.PictureError')
const internalBrand = Symbol.for('fovea.InternalError')

const mark = (error: Error, brand: symbol): unknown => Object.defineProperty(error, brand, { value: true })

/** How `instanceof` asks for a brand. A class derived from a branded one has none: of it `instanceof` means what it means elsewhere. */
const knownBy = (brand: symbol) =>
  function (this: unknown, value: unknown): boolean {
    const isBranded = Object.hasOwn(this as object, Symbol.hasInstance)
    return isBranded ? Object(value)[brand] === true : Function.prototype[Symbol.hasInstance].call(this, value)
  }

/** Something the user gave cannot be used. The message says what happened, what was expected, what came and how to fix it. */
export class UserError extends Error {
  static override readonly [Symbol.hasInstance] = knownBy(userBrand)

  override readonly name: string = 'UserError'
  readonly problems: readonly Problem[]

  constructor(problem: Problem | string | readonly Problem[]) {
    const given = typeof problem === 'string' ? [{ what: problem }] : Array.isArray(problem) ? problem : [problem]
    const more = given.length - mostProblems
    const problems = given.slice(0, mostProblems).map(brief)
    if (more > 0) problems.push({ what: `There are ${more} more problems like these.` })
    super(printable(problems.map(describe).join('\n')))
    this.problems = problems
    mark(this, userBrand)
  }
}

/**
 * One picture that was given cannot be read or used: its bytes, its file, its pixels. In a server that is the mistake of whoever sent
 * it; another `UserError` is the server's own.
 */
export class PictureError extends UserError {
  static override readonly [Symbol.hasInstance] = knownBy(pictureBrand)

  override readonly name = 'PictureError'

  constructor(problem: Problem | string | readonly Problem[]) {
    super(problem)
    mark(this, pictureBrand)
  }
}

/** What comes from files may be wrong in a hundred thousand places, and be called by a megabyte of text. */
const [mostProblems, mostSigns] = [50, 2000]
/** What was given stands in these. */
const mostOfGiven = 500

function brief(problem: Problem): Problem {
  const parts = Object.entries(problem).map(([part, text]) => [
    part,
    typeof text === 'string' ? cut(text, part === 'expected' || part === 'fix' ? mostSigns : mostOfGiven) : text,
  ])
  return Object.fromEntries(parts) as Problem
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text)

/** What is wrong with the user's input according to this check; errors of other kinds go on. */
export function problemsOf(check: () => unknown): readonly Problem[] {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof UserError) return error.problems
    throw error
  }
}

/** A promise inside Fovea was broken: our bug, never the user's. `stage` names the room where it was noticed. */
export class InternalError extends Error {
  static override readonly [Symbol.hasInstance] = knownBy(internalBrand)

  override readonly name = 'InternalError'

  constructor(stage: string, what: string) {
    super(`${stage}: ${what}. This is a bug in Fovea; please report it.`)
    mark(this, internalBrand)
  }
}

function describe(problem: Problem): string {
  const lines = [problem.what]
  if (problem.expected !== undefined) lines.push(`  expected: ${problem.expected}`)
  if (problem.received !== undefined) lines.push(`  received: ${problem.received}`)
  if (problem.fix !== undefined) lines.push(`  fix: ${problem.fix}`)
  return lines.join('\n')
}

/** The candidate nearest to a mistyped word (Levenshtein distance at most a third of its length, at least 2). */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  // Nobody mistypes a page of text.
  if (word.length > 100) return undefined
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const substitution = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(substitution, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
