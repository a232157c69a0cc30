/** Numbers of a request as rows of a model's input, and back. */
import type { Float32NdArray } from 'fovea'
import type { Json } from 'fovea/internal/base/json'
import { formatShape, sizeOf } from 'fovea/internal/base/shape'
import { Refusal, type Servable, type ServedRows, type ServedTensor } from './contract.ts'

/** Numbers in lists, all rows of them. Throws Refusal where they are no rows of the input's shape. */
export function rowsOfLists(json: Json, { name, shape }: ServedTensor): ServedRows {
  if (!Array.isArray(json)) throw new Refusal(400, `${name} is no list of rows.`)
  // Before memory is taken for them: a row may be as short as a zero, and the input as long as a picture.
  if (!json.every(row => hasShape(row, shape))) throw wrongShape(name, shape)
  const data = new Float32Array(json.length * sizeOf(shape))
  fill(data, 0, json)
  return { shape: [json.length, ...shape], data }
}

function hasShape(value: Json, [count, ...rest]: readonly number[]): boolean {
  if (count === undefined) return typeof value === 'number'
  // One number is a row of one.
  if (!Array.isArray(value)) return rest.length === 0 && count === 1 && typeof value === 'number'
  return value.length === count && value.every(item => hasShape(item, rest))
}

/** Gives the place behind what was written. */
function fill(data: Float32Array, at: number, value: Json): number {
  if (Array.isArray(value)) return value.reduce<number>((place, item) => fill(data, place, item), at)
  data[at] = value as number
  return at + 1
}

const wrongShape = (name: string, shape: readonly number[]): Refusal =>
  new Refusal(400, `A row of ${name} is no list of numbers of the shape ${formatShape(shape)}.`)

/** Nested lists of a row of an output, each number as short as it can be to give the same float32 back. */
export function listsOf(data: Float32Array, shape: readonly number[], from = 0): Json {
  if (shape.length === 0) return shortNumber(data[from]!)
  const [count = 0, ...rest] = shape
  const size = sizeOf(rest)
  return Array.from({ length: count }, (_, index) => listsOf(data, rest, from + index * size))
}

/** JSON has no NaN and no infinity: they are texts, of which JavaScript's Number and numpy make the same numbers again. */
export function shortNumber(value: number): Json {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

/** The outputs of a prediction, one array for each, in the model's order. */
export async function outputsOf(
  servable: Servable,
  inputs: Readonly<Record<string, ServedRows>>,
  signal: AbortSignal,
): Promise<readonly Float32NdArray[]> {
  const [first, ...more] = servable.model.inputs
  const given = await servable.predict(more.length === 0 ? inputs[first!.name]! : inputs, { signal })
  return Array.isArray(given) ? (given as readonly Float32NdArray[]) : [given as Float32NdArray]
}

/** Class probabilities of picture files in the order of the classes, as an output's rows. */
export async function classRowsOf(
  servable: Servable,
  files: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<Float32NdArray> {
  const answers = await servable.classify(files, { signal })
  const count = answers[0]!.length
  const data = new Float32Array(files.length * count)
  const { classNames } = servable
  const place = new Map(
    answers[0]!.map(({ className }) => [className, classNames ? classNames.indexOf(className) : Number(className)]),
  )
  for (const [row, answer] of answers.entries())
    for (const { className, probability } of answer) data[row * count + place.get(className)!] = probability
  return { shape: [files.length, count], data }
}
