/**
 * docs/recipes.md, the table of what the recipes reach, from the run files in docs/runs:
 *
 *     node scripts/recipes.mjs                              writes the table
 *     node scripts/recipes.mjs --check                      only says whether it is up to date
 *     node scripts/recipes.mjs --add RUN… [--commit HASH] [--quiet]
 *
 * `--add` makes run files NAME-SEED.json of run directories first. The commit is the one checked out, unless said; `--quiet` is for runs
 * that had the machine for themselves, whose seconds count.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { recipesText } from './recipes-table.mjs'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs/runs')
const path = join(root, 'docs/recipes.md')
const json = file => JSON.parse(readFileSync(file, 'utf8'))
const rounded = value => (value === undefined ? undefined : Number(value.toFixed(4)))

/** The run file of a run directory; undefined where the training did not come to its end. */
function runFile(directory, { commit, quiet }) {
  if (!existsSync(join(directory, 'result.json'))) return undefined
  const result = json(join(directory, 'result.json'))
  const [first] = readFileSync(join(directory, 'run.jsonl'), 'utf8').split('\n', 1)
  const { recipe, limit, date, perClass } = JSON.parse(first)
  if (limit !== null) throw new Error(`${directory} was trained on a part of the data only`)
  return {
    recipe: result.recipe,
    seed: result.seed,
    date,
    version: json(join(root, 'packages/fovea/package.json')).version,
    commit,
    ...(recipe.published && { published: recipe.published.figure }),
    params: result.params,
    batchSize: recipe.batchSize,
    stepsPerEpoch: Math[recipe.dropRemainder ? 'floor' : 'ceil'](sum(perClass) / recipe.batchSize),
    tested: recipe.test,
    epochs: result.history.length,
    valAccuracy: result.history.map(({ valAccuracy }) => rounded(valAccuracy)).filter(value => value !== undefined),
    threads: result.threads,
    seconds: Math.round(result.seconds),
    quiet,
    testAccuracy: result.test.accuracy,
    weightsSha256: result.weightsSha256,
  }
}

/** JSON with each list on one line. */
const written = run =>
  `${JSON.stringify(run, null, 2).replace(/\[[^\]]*\]/g, list => list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`
const sum = values => values.reduce((total, value) => total + value, 0)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    add: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    commit: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
})
if (values.add === (positionals.length === 0)) throw new Error('--add needs run directories, and they need --add')
if (values.add) {
  const head = () => execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  const made = { commit: values.commit ?? head(), quiet: values.quiet }
  for (const directory of positionals) {
    const run = runFile(directory, made)
    if (run) writeFileSync(join(folder, `${run.recipe}-${run.seed}.json`), written(run))
    console.log(run ? `${run.recipe}, seed ${run.seed}` : `${directory} is left out: it holds no result`)
  }
}

const runs = readdirSync(folder)
  .filter(name => name.endsWith('.json') && name !== 'keras.json')
  .map(name => json(join(folder, name)))
const benches = readFileSync(join(root, 'bench/results.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line))
const text = recipesText(runs, json(join(folder, 'keras.json')), benches)
if (!values.check) writeFileSync(path, text)
else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
  console.log('docs/recipes.md is not up to date: run `npm run docs:recipes`')
  process.exitCode = 1
}
