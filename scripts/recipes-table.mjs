/** The text of docs/recipes.md: run files, Keras's figures and records of the benchmark in, Markdown out. */

const sum = values => values.reduce((total, value) => total + value, 0)
const mean = values => sum(values) / values.length
const byName = new Intl.Collator('en').compare

/** `98.03 ± 0.12 (3)`: mean, deviation of the sample, how many. */
function spread(values) {
  const middle = mean(values)
  if (values.length < 2) return `${middle.toFixed(2)} (1)`
  const deviation = Math.sqrt(sum(values.map(value => (value - middle) ** 2)) / (values.length - 1))
  return `${middle.toFixed(2)} ± ${deviation.toFixed(2)} (${values.length})`
}

/** Milliseconds of the recipe's training step on two threads, from the newest record of the benchmark that is not void. */
function msPerStep(recipe, batch, benches) {
  const times = benches
    .filter(document => document.void === null)
    .toSorted((a, b) => (a.date < b.date ? 1 : -1))
    .flatMap(({ results }) => results)
  return times.find(
    result =>
      result.task === 'train' &&
      result.device === 'wasm' &&
      result.threads === 2 &&
      result.recipe === recipe &&
      result.batch === batch,
  )?.msPerStep
}

function minutes(runs, benches) {
  const [{ recipe, batchSize }] = runs
  const step = msPerStep(recipe, batchSize, benches)
  const quiet = runs.filter(run => run.quiet)
  if (quiet.length > 0) return mean(quiet.map(({ seconds }) => seconds / 60))
  return step && mean(runs.map(({ epochs, stepsPerEpoch }) => (epochs * stepsPerEpoch * step) / 60_000))
}

const shortTime = value => (value === undefined ? '–' : value < 9.95 ? value.toFixed(1) : value.toFixed(0))
const epochsText = runs => {
  const each = runs.map(({ epochs }) => epochs)
  const [least, most] = [Math.min(...each), Math.max(...each)]
  return least === most ? `${least}` : `${least}–${most}`
}

export function recipesText(runs, keras, benches) {
  const names = [...new Set(runs.map(({ recipe }) => recipe))].toSorted(byName)
  const rows = names.map(name => {
    const own = runs.filter(({ recipe }) => recipe === name)
    const [{ params, published, tested }] = own
    const peers = keras.byRule[name]?.[tested]
    const cells = [
      `\`${name}\``,
      params.toLocaleString('en-US'),
      epochsText(own),
      shortTime(minutes(own, benches)),
      spread(own.map(({ testAccuracy }) => 100 * testAccuracy)),
      published ?? '–',
      peers ? spread(peers) : '–',
    ]
    return `| ${cells.join(' | ')} |\n`
  })
  return `# What the recipes reach

Test accuracy in % as mean ± deviation over seeds (how many), beside the published figure and what Keras reaches with
the same settings under the same rule. Made from the run files in \`docs/runs\` by \`npm run docs:recipes\`;
\`fovea recipes\` prints what each recipe is.

| recipe | parameters | epochs | minutes | test accuracy | published | Keras |
|---|---|---|---|---|---|---|
${rows.join('')}
**Epochs** are those that were trained, to the early stop where a recipe has one. **Minutes** are training without
evaluation on two threads: epochs × steps × the time of a step in the newest quiet record of
[the benchmark](performance.md), or, where a run had the machine for itself, its own. Most runs had not, so their own
seconds say nothing and stand in the run files only; a dash means that nothing was measured. **Keras** is
${keras.measured}.
`
}
