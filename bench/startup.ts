/**
 * How long a user waits before the first step: each recipe's training step is compiled in processes that have never compiled
 * anything, the recipes in turn, round after round. (The other measurements compile in a process that has just verified a program.)
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { columns, inBytes, type TableColumn } from '../packages/fovea/src/base/text.ts'
import { ownVersions, signature } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { least, median } from './statistics.ts'

const ROUNDS = 9

/** What one process finds. */
export interface ColdStart {
  /** Plan, code and engine of the training step; workers start meanwhile. */
  readonly compileMs: number
  /** From then until the end of the first step. */
  readonly firstStepMs: number
  readonly codeBytes: number
}

export interface Startup {
  readonly recipe: string
  readonly threads: number
  /** Medians of the rounds. */
  readonly compileMs: number
  readonly leastCompileMs: number
  readonly firstStepMs: number
  readonly codeBytes: number
}

export type StartupDocument = ReturnType<typeof signature> & {
  readonly versions: Readonly<Record<string, string>>
  readonly startups: readonly Startup[]
}

export async function measureStartups(
  { recipes, threads }: Pick<BenchOptions, 'recipes' | 'threads'>,
  say: (text: string) => void,
): Promise<StartupDocument> {
  const works = recipes.flatMap(recipe => threads.map(count => ({ recipe, threads: count, found: [] as ColdStart[] })))
  for (let round = 0; round < ROUNDS; round++) {
    say(`round ${round + 1} of ${ROUNDS} …`)
    for (const { recipe, threads, found } of works) found.push(await coldStart(recipe, threads))
  }
  const startups = works.map(({ recipe, threads, found }): Startup => {
    const compileMs = found.map(start => start.compileMs)
    const firstStepMs = median(found.map(start => start.firstStepMs))
    const { codeBytes } = found[0]!
    return { recipe, threads, compileMs: median(compileMs), leastCompileMs: least(compileMs), firstStepMs, codeBytes }
  })
  return { ...signature(), versions: ownVersions(), startups }
}

async function coldStart(recipe: string, threads: number): Promise<ColdStart> {
  const file = fileURLToPath(new URL('startup-process.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [file, recipe, String(threads)])
  return JSON.parse(stdout) as ColdStart
}

export function startupText({ startups }: StartupDocument): string {
  const column = (title: string, cell: (startup: Startup) => string): TableColumn => ({
    title,
    cells: startups.map(cell),
    align: 'right',
  })
  return columns([
    { title: 'recipe', cells: startups.map(({ recipe }) => recipe) },
    column('threads', ({ threads }) => String(threads)),
    column('compile', ({ compileMs }) => `${compileMs.toFixed(0)} ms`),
    column('least', ({ leastCompileMs }) => `${leastCompileMs.toFixed(0)} ms`),
    column('first step', ({ firstStepMs }) => `${firstStepMs.toFixed(0)} ms`),
    column('code', ({ codeBytes }) => inBytes(codeBytes)),
  ])
}
