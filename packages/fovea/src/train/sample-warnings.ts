/**
 * What of the samples given to `fit` would go wrong in silence: bytes that nothing rescales, classes that never occur or only in
 * the held-out part, weights that are all 0, a batch larger than the data. In: the rows, once, before training. Out: sentences for
 * the user. Values that are not numbers at all are an error: one of them would make every weight NaN.
 */

import { type Problem, UserError } from '../base/errors.ts'
import type { NumericArray } from '../base/shape.ts'
import { sizeOf } from '../base/shape.ts'
import { somePictures } from '../data/read-pictures.ts'
import type { FeedColumn } from '../engine/feed-column.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { classOf } from '../engine/label-forms.ts'
import type { TrainingSetup } from '../engine/train-entry.ts'
import type { Layer, LayerFamily } from '../layers/layer.ts'
import type { Model, ModelInput, ModelOutput } from '../network/model.ts'
import { type OutputObjective, objectivesByOutput } from '../objectives/output-objectives.ts'
import type { LoopOptions } from './fit-options.ts'

/** Throws UserError for NaN and infinite values, with the first sample that has one. Bytes and class numbers are not looked at. */
export function checkFinite(model: Model, rows: FeedRows, part: string): void {
  const columns = [
    ...model.inputs.map(({ name }) => ['Samples', arrayColumn(rows.inputs[name])] as const),
    ...model.outputs.map(({ name }) => ['Labels', rows.targets[name]] as const),
  ]
  const problems = columns.flatMap(([what, column]): Problem[] => {
    const found = column && firstNotFinite(column.data)
    if (!column || found === undefined) return []
    return [
      {
        what: `${what} of ${part} hold a value that is not a finite number, which would make every weight NaN`,
        expected: 'finite numbers',
        received: `${column.data[found]} in sample ${Math.floor(found / column.rowSize)}`,
        fix: 'leave such samples out, or put a number in its place',
      },
    ]
  })
  if (problems.length > 0) throw new UserError(problems)
}

/** Pictures of a source are bytes. */
const arrayColumn = (column: FeedRows['inputs'][string] | undefined): FeedColumn | undefined =>
  column?.form === 'pictures' ? undefined : column

/** x − x is 0 for finite numbers and NaN for all others, so one sum tells in one pass. */
function firstNotFinite(data: NumericArray): number | undefined {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return undefined
  let sum = 0
  for (let index = 0; index < data.length; index++) sum += data[index]! - data[index]!
  return sum === 0 ? undefined : data.findIndex((value: number) => !Number.isFinite(value))
}

export async function sampleWarnings(
  model: Model,
  setup: TrainingSetup,
  rows: FeedRows,
  options: LoopOptions,
): Promise<string[]> {
  const plans = objectivesByOutput(model, setup)
  const unscaled = await Promise.all(model.inputs.map(input => notRescaled(model, input, rows)))
  return [
    ...unscaled.flat(),
    ...plans.flatMap(plan =>
      classDoubts(plan, rows, options.validation, plans.length > 1 ? ` of output '${plan.output.name}'` : ''),
    ),
    ...noWeight(model, rows),
    ...batchDoubts(rows, options),
  ]
}

const scaling: ReadonlySet<LayerFamily> = new Set<LayerFamily>(['scaling', 'normalization'])
/** Their output lies in the range of their input. */
const keepingRange: ReadonlySet<LayerFamily> = new Set<LayerFamily>([
  'shape',
  'pooling',
  'augmentation',
  'dropout',
  'noise',
])
const weighing: ReadonlySet<LayerFamily> = new Set<LayerFamily>(['dense', 'convolution'])
/** Values that are looked at to know the range. */
const looked = 1 << 16

/** Bytes, or floats in the range of bytes, that come to weights as they are. */
async function notRescaled(model: Model, input: ModelInput, rows: FeedRows): Promise<string[]> {
  const layer = firstWeighing(model, input)
  if (!layer) return []
  const column = rows.inputs[input.name]!
  const data = column.form === 'pictures' ? await somePictures(column.source, looked) : column.data
  const [low, high] = range(data)
  const isByteRange = low >= 0 && high > 15 && high <= 255
  const arePictures = data instanceof Uint8Array || input.shape.length === 3
  if (!isByteRange || !(arePictures || (high > 127 && allWhole(data)))) return []
  return [
    `The samples hold values up to ${high}, and nothing rescales them before layer '${layer.name}' (${layer.type}). Large values make training slow or fail: begin with rescaling({scale: 1 / 255}).`,
  ]
}

/** The first layer whose weights meet the input in its own range. */
function firstWeighing(model: Model, input: ModelInput): Layer | undefined {
  const raw = new Set([model.inputs.indexOf(input)])
  for (const [index, { layer, inputs }] of model.layers.entries()) {
    const { family } = layer.traits
    if (!inputs.some(value => raw.has(value)) || scaling.has(family)) continue
    if (keepingRange.has(family)) raw.add(model.inputs.length + index)
    if (weighing.has(family)) return layer
  }
  return undefined
}

function range(data: NumericArray): readonly [low: number, high: number] {
  const step = Math.max(1, Math.floor(data.length / looked))
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let index = 0; index < data.length; index += step) {
    if (data[index]! < low) low = data[index]!
    if (data[index]! > high) high = data[index]!
  }
  return [low, high]
}

const allWhole = (data: NumericArray): boolean => data.subarray(0, looked).every(Number.isInteger)

/** How often each class is a sample's label; undefined for outputs whose labels are no classes. */
function classCounts({ shape, name }: ModelOutput, lossType: string, rows: FeedRows): Int32Array | undefined {
  const column = rows.targets[name]!
  const units = shape.at(-1)!
  if (sizeOf(shape) !== units) return undefined
  if (column.form === 'copy' && units > 1 && column.rowSize > 1 && !lossType.includes('Categorical')) return undefined
  if (units === 1 && !lossType.startsWith('Binary')) return undefined
  const counts = new Int32Array(Math.max(2, units))
  for (let row = 0; row < rows.count; row++) {
    const label = labelOf(column, row)
    if (!Number.isInteger(label)) return undefined
    // An ignored class is none of them.
    if (label >= 0 && label < counts.length) counts[label]!++
  }
  return counts
}

const labelOf = ({ data, rowSize }: FeedColumn, row: number): number =>
  rowSize === 1 ? data[row]! : classOf(data, row * rowSize, rowSize)

function classDoubts(
  { output, loss }: OutputObjective,
  rows: FeedRows,
  validation: FeedRows | undefined,
  which: string,
): string[] {
  const counts = classCounts(output, loss.type, rows)
  if (!counts) return []
  const all = Array.from(counts.keys())
  const present = all.filter(label => counts[label]! > 0)
  const missing = all.filter(label => counts[label] === 0)
  const texts: string[] = []
  const held = validation && classCounts(output, loss.type, validation)
  const onlyHeld = missing.filter(label => held && held[label]! > 0)
  if (onlyHeld.length > 0) {
    const ofPictures = Object.values(rows.inputs).some(({ form }) => form === 'pictures')
    const remedy = ofPictures
      ? "hold out with splitValidation(source, {fraction: 0.2, kind: 'stratified'}), and give its parts to fit"
      : 'shuffle samples and labels together first'
    texts.push(
      `The validation labels${which} hold ${named(onlyHeld)}, which training never sees. The rows may be sorted by class, and validationSplit holds out the last ones: ${remedy}.`,
    )
  }
  if (present.length === 1 && rows.count > 1) {
    texts.push(
      `All ${rows.count} labels${which} are class ${present[0]}: the model learns to answer nothing else. Check the labels.`,
    )
  } else if (missing.length > onlyHeld.length && rows.count >= counts.length) {
    const never = missing.filter(label => !onlyHeld.includes(label))
    texts.push(
      `Of the ${counts.length} classes of output '${output.name}', ${named(never)} never occur${never.length === 1 ? 's' : ''} in the labels. Check the labels, or give the last layer as many units as there are classes.`,
    )
  }
  return texts
}

function named(classes: readonly number[]): string {
  const shown = classes.slice(0, 8).join(', ')
  return `class${classes.length === 1 ? '' : 'es'} ${shown}${classes.length > 8 ? ` and ${classes.length - 8} more` : ''}`
}

function noWeight({ outputs }: Model, rows: FeedRows): string[] {
  const weighted = outputs.some(({ name }) => rows.weights[name]!.data.some((weight: number) => weight !== 0))
  return weighted ? [] : ['All samples have weight 0: nothing is learned. Check sampleWeight and classWeight.']
}

function batchDoubts(
  { count }: FeedRows,
  { batchSize, shuffle, epochs, initialEpoch = 0, resume }: LoopOptions,
): string[] {
  const texts: string[] = []
  if (batchSize !== undefined && batchSize > count) {
    const order = shuffle === true ? ', and shuffle makes no difference' : ''
    texts.push(`batchSize ${batchSize} is more than the ${count} samples: an epoch is one step${order}.`)
  }
  if (!resume && epochs <= initialEpoch) {
    texts.push(
      `Nothing is trained: epochs is the number of the last epoch, ${epochs}, and ${initialEpoch} are done already (initialEpoch).`,
    )
  }
  return texts
}
