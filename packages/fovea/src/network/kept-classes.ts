/**
 * Classes that go on under a new head. In: the first values of a network, its class names, and the trained network before with its own.
 * Out: the values, in which every class that had a column in the old head's kernel and a number in its bias has them again, by its name;
 * columns of new classes stay as they were. (Class-incremental learning.)
 */
import { type Problem, UserError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import type { Layer } from '../layers/layer.ts'
import { layerFromConfig } from '../layers/registry.ts'
import { assemble, layersOf, type Model } from './model.ts'
import { freeName } from './naming.ts'
import type { KnownWeight } from './transfer.ts'

export interface ClassHead {
  readonly model: Model
  readonly classNames: readonly string[]
}

type Values = Readonly<Record<string, ArrayLike<number>>>

/** Throws UserError where the old network has none of the classes, or its head takes other values than the new one. */
export function withKeptClasses(
  values: Values,
  now: ClassHead,
  before: ClassHead & { readonly weights: readonly KnownWeight[] },
): Values {
  const old = headWeights(before.model)
  const head = headWeights(now.model)
  const columns = now.classNames.map(name => before.classNames.indexOf(name))
  const fits =
    old.length === head.length &&
    old.every(({ shape }, index) => String(shape.slice(0, -1)) === String(head[index]!.shape.slice(0, -1))) &&
    old.every(({ shape }) => shape.at(-1) === before.classNames.length)
  const problems: Problem[] = []
  if (!fits) {
    problems.push({
      what: `The head of '${before.model.name}' cannot be kept: it is not like the new one.`,
      expected: head.map(({ shape }) => formatShape([...shape.slice(0, -1), before.classNames.length])).join(', '),
      received: old.map(({ shape }) => formatShape(shape)).join(', ') || 'no weights in the last layer',
      fix: 'Cut before the last dense layer, or let all classes begin anew.',
    })
  }
  if (columns.every(column => column < 0)) {
    problems.push({
      what: `'${before.model.name}' has none of these classes to keep.`,
      expected: before.classNames.join(', '),
      received: now.classNames.join(', '),
      fix: 'Let all classes begin anew.',
    })
  }
  if (problems.length > 0) throw new UserError(problems)
  const weights = new Map(before.weights.map(({ name, data }) => [name, data]))
  const kept = head.map(({ name }, index) => {
    const from = weights.get(old[index]!.name)!
    const to = Float32Array.from(values[name]!)
    const classes = columns.length
    for (let row = 0; row < to.length / classes; row++) {
      for (const [column, source] of columns.entries()) {
        if (source >= 0) to[row * classes + column] = from[row * before.classNames.length + source]!
      }
    }
    return [name, to] as const
  })
  return { ...values, ...Object.fromEntries(kept) }
}

/**
 * The network for another number of classes: all as it was but the layer that gives the output, which has so many units and another name.
 * Throws UserError where that layer has no units.
 */
export function withOtherClasses(model: Model, classes: number): Model {
  const { name, kind, inputs, outputs, layers } = model
  const head = headOf(model)
  if (typeof head.config['units'] !== 'number') {
    throw new UserError({
      what: `The last layer of '${name}', '${head.name}', cannot be made for other classes.`,
      expected: 'a Dense layer',
      received: head.type,
      fix: 'Begin with the network alone: fovea train PICTURES --from RUN.',
    })
  }
  const taken = new Set([...inputs, ...layersOf(model)].map(each => each.name))
  const own = freeName(head.name.replace(/_\d+$/, ''), taken, new Map())
  const { type, config, trainable } = head
  const other = layerFromConfig({ type, config: { ...config, units: classes }, name: own, trainable })
  const calls = layers.map(({ layer, inputs }) => ({ layer: layer === head ? other : layer, inputs }))
  return assemble({ name, kind, inputs, calls, outputs: outputs.map(({ value }) => value) })
}

const headOf = ({ inputs, outputs, layers }: Model): Layer => layers[outputs[0]!.value - inputs.length]!.layer

/** Kernel and bias of the layer that gives the output. */
function headWeights(model: Model): Model['weights'] {
  const { name } = headOf(model)
  return model.weights.filter(({ layer }) => layer === name)
}
