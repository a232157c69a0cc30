/** Models to be written: every layer, every recipe's network, branches with a shared layer; with weights that are none of the first ones. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  add,
  apply,
  type Classifier,
  classifier,
  concatenate,
  conv2d,
  dense,
  type Float32NdArray,
  globalAveragePooling2d,
  input,
  model,
  prelu,
} from 'fovea'
import { UserError } from 'fovea/internal/base/errors'
import { layerSuite } from 'fovea/internal/layers/layer-suite.testing'
import type { CallableLayer } from 'fovea/internal/layers/tensor'
import { zoo } from 'fovea/internal/network/zoo/zoo'
import { recipes } from 'fovea/internal/recipes/recipes'
import { openZip } from './containers/zip-archive.ts'
import { zipOf } from './containers/zip-writer.ts'

export interface NamedClassifier {
  readonly name: string
  readonly made: Classifier
}

export const everyLayer = (): NamedClassifier[] =>
  layerSuite.map(([layer, shapes], at) => {
    const inputs = shapes.map(shape => input({ shape }))
    const outputs = apply(layer as CallableLayer, inputs.length > 1 ? inputs : inputs[0]!)
    return { name: `${layer.type} ${at}`, made: model({ inputs, outputs }) }
  })

/** Their networks are called as in the zoo. */
export const everyRecipe = (): NamedClassifier[] =>
  [...new Set(recipes.map(recipe => recipe.model))].map(name => {
    return { name: String(name), made: classifier(zoo[name as keyof typeof zoo].build()) }
  })

/** Two inputs, two outputs, a layer that is called twice and an activation with a number of its own. */
export function branches(): NamedClassifier {
  const [a, b] = [input({ shape: [4, 4, 2], name: 'a' }), input({ shape: [4, 4, 2], name: 'b' })]
  const activation = { type: 'leakyRelu', negativeSlope: 0.3 } as const
  const shared = conv2d({ filters: 2, kernelSize: 1, name: 'shared', activation })
  const sum = apply(add(), [apply(shared, a), apply(shared, b)])
  const wide = apply(concatenate(), [sum, apply(conv2d({ filters: 2, kernelSize: 3, padding: 'same' }), a)])
  const first = apply(conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu6' }), b)
  const deep = apply(conv2d({ filters: 3, kernelSize: 3, padding: 'same' }), first)
  const pooled = apply(globalAveragePooling2d(), apply(concatenate(), [wide, deep]))
  const outputs = [
    apply(dense({ units: 2, activation: 'softmax', name: 'p' }), pooled),
    apply(prelu({ sharedAxes: [1, 2] }), wide),
  ]
  return { name: 'branches', made: model({ inputs: [a, b], outputs, name: 'branches' }) as unknown as Classifier }
}

/** Numbers in −0.5 … 0.5 by a fixed rule. */
const numberAt = (at: number): number => ((at * 7919) % 257) / 257 - 0.5

export async function withOtherWeights(made: Classifier): Promise<void> {
  const weights = await made.getWeights()
  await made.setWeights(
    weights.map(({ name, shape, data }) => {
      const least = name.endsWith('movingVariance') ? 1 : 0
      return { name, shape, data: data.map((_, at) => numberAt(at + shape.length) * 0.5 + least) }
    }),
  )
}

/** Two samples for each input. */
export const samplesFor = ({ model: { inputs } }: Classifier) =>
  inputs.map(({ shape }) => {
    const size = shape.reduce((product, extent) => product * extent, 2)
    return { shape: [2, ...shape], data: Float32Array.from({ length: size }, (_, at) => 2 * numberAt(at)) }
  })

export const writtenFormats = ['model.keras', 'model.weights.h5', 'model.json'] as const

/** The path; undefined where the format has no such layer. */
export async function written(
  made: Classifier,
  folder: string,
  name: string,
  format: string,
): Promise<string | undefined> {
  const place = join(folder, name.replaceAll(' ', '-'))
  mkdirSync(place, { recursive: true })
  const path = join(place, format)
  try {
    await made.save(path)
    return path
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const isNamed = error.problems.every(({ what, fix }) => what.includes('cannot hold the layer') && fix)
    if (!isNamed) throw error
    return undefined
  }
}

/** A model of one output gives one array. */
export async function answersOf(made: Classifier): Promise<readonly Float32NdArray[]> {
  const samples = samplesFor(made)
  const given: unknown = await made.predict(samples.length > 1 ? samples : samples[0]!)
  return [given as Float32NdArray | readonly Float32NdArray[]].flat()
}

/** A `.keras` archive or `model.json` as if another program had saved it: without Fovea's own words. */
export async function withoutOwnWords(path: string): Promise<string> {
  if (path.endsWith('.json')) {
    const { userDefinedMetadata: _, ...json } = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify(json))
    return path
  }
  const archive = await openZip({ bytes: readFileSync(path), source: path })
  const names = ['config.json', 'model.weights.h5']
  const members = await Promise.all(names.map(async name => [name, (await archive.read(name))!] as const))
  const metadata = new TextEncoder().encode('{"keras_version": "3.15.1"}')
  writeFileSync(path, await zipOf({ 'metadata.json': metadata, ...Object.fromEntries(members) }))
  return path
}
