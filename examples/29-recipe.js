/**
 * A recipe is a published classifier as data: its network, preprocessing, optimizer, epochs. `fovea train mnist-cnn` runs one in the
 * terminal; this is the same from code, with changes, and what is left behind in the run directory.
 *
 *     node examples/29-recipe.js           a few of the built-in pictures, made grey and 28×28 to stand in for digits
 *     node examples/29-recipe.js mnist     the recipe's own data, over 99 % after its ten epochs
 */
import { generateShapes, loadDataset, loadModel, nodeFiles, recipe, recipes, runRecipe } from 'fovea'
import { chart, outputFile, percent, target } from './output.js'

console.log(`recipes: ${recipes.map(({ name }) => name).join(', ')}\n`)

const withMnist = process.argv[2] === 'mnist'
const dataset = withMnist ? await loadDataset('mnist') : generateShapes({ train: 1000, test: 200 })

// A recipe is a plain record: what is to be otherwise is written over it.
const changed = { ...recipe('mnist-cnn'), name: 'my-mnist-cnn', epochs: withMnist ? 10 : 3 }
// Each run has a directory of its own: none is written over.
const runDir = outputFile(`run-${Date.now()}`)
const { report } = await runRecipe(changed, dataset, { out: runDir, seed: 7 })

for (const { epoch, loss, accuracy } of report.history)
  console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, accuracy ${percent(accuracy)}`)
chart('loss', { training: report.history.map(({ loss }) => loss) })
console.log(`${report.params.toLocaleString('en')} parameters, test accuracy ${percent(report.test?.accuracy ?? 0)}`)

// Everything about the run lies in its directory; the command line takes it too, as in `npx fovea summary` and its path.
const files = await nodeFiles.list(runDir)
console.log(`\n${runDir}: ${files.join(', ')}`)
const best = await loadModel(nodeFiles.join(runDir, 'best.safetensors'))
console.log(`best.safetensors knows its classes: ${best.classNames?.join(', ')}`)
await best.dispose()

target(
  "the recipe's 220,234 parameters, a loss that falls, and a model to load again",
  report.params === 220_234 &&
    report.history[report.history.length - 1].loss < report.history[0].loss &&
    best.classNames?.length === 10,
)
