/**
 * The functional API: `input` makes a symbolic value, `apply` calls a layer on values, `model` closes what lies between inputs
 * and outputs into a Model. A layer applied twice shares its weights. (Keras: `layer(x)`, `Model(inputs, outputs)`.)
 */
import { type Problem, problemsOf, UserError } from '../base/errors.ts'
import { optional, parse, record, text, that } from '../base/schema.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import type { Layer } from '../layers/layer.ts'
import { shapeField } from '../layers/options.ts'
import { apply, isTensor, type Tensor } from '../layers/tensor.ts'
import { assemble, type Model } from './model.ts'
import { freeName, nameLayers } from './naming.ts'

/** A model's input of this shape (without the batch axis), named `input_layer`, `input_layer_1` … unless said. */
export function input(options: { readonly shape: Shape; readonly name?: string | undefined }): Tensor {
  checkInputShape(options?.shape)
  const { name } = parse(record({ shape: that('', () => true), name: optional(text) }), options, 'input')
  return { kind: 'tensor', shape: options.shape, inputName: name ?? '' }
}

/** Applies layers one after the other: `chain(x, conv2d(…), batchNormalization(), activation('relu'))`. */
export function chain(start: Tensor, ...layers: readonly Layer[]): Tensor {
  return layers.reduce((x, layer) => apply(layer, x), start)
}

/**
 * The model that computes `outputs` from `inputs`. Outputs are named by their layers. Throws UserError listing every problem:
 * an input that is missing, given twice or not used, an output given twice, two layers of one name.
 */
export function model(options: {
  readonly inputs: Tensor | readonly Tensor[]
  readonly outputs: Tensor | readonly Tensor[]
  readonly name?: string | undefined
}): Model {
  const inputs = tensors('inputs', options.inputs)
  const outputs = tensors('outputs', options.outputs)
  const problems = checkEnds(inputs, outputs)
  const walk = walkBack(inputs, outputs)
  for (const stray of walk.strays) {
    problems.push({
      what: `An output depends on an input ${formatShape([-1, ...stray.shape])} that is not among the model's inputs.`,
      expected: 'every input that the outputs need',
      fix: 'Add it to `inputs`.',
    })
  }
  for (const [index, x] of inputs.entries()) {
    if (!walk.reached.has(x)) {
      problems.push({
        what: `Input ${index} ${formatShape([-1, ...x.shape])} does not lead to any output.`,
        fix: 'Leave it out of `inputs`, or connect it.',
      })
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  return assembleWalk(options.name ?? 'functional', inputs, outputs, walk.calls)
}

function tensors(what: string, given: Tensor | readonly Tensor[]): readonly Tensor[] {
  const list = isTensor(given) ? [given] : given
  if (Array.isArray(list) && list.every(isTensor)) return list
  throw new UserError({
    what: `The \`${what}\` of a model are not tensors.`,
    expected: 'what input({shape}) or apply(…) gave, or a list of them',
    fix: 'model({inputs: x, outputs: apply(dense({units: 10}), x)})',
  })
}

export function checkInputShape(shape: Shape): void {
  if (problemsOf(() => parse(shapeField, shape, 'the shape')).length === 0) return
  throw new UserError({
    what: 'An input shape cannot be used.',
    expected: 'positive whole numbers without the batch axis, like [28, 28, 1]',
    received: show(shape),
    ...(!Array.isArray(shape) && { fix: 'input({shape: [28, 28, 1]})' }),
  })
}

function assembleWalk(
  name: string,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  calls: readonly Tensor[],
): Model {
  const inputNames = nameInputs(inputs)
  const named = nameLayers(
    calls.map(x => x.call!.layer),
    inputNames,
  )
  const values = new Map<Tensor, number>([...inputs, ...calls].map((x, value) => [x, value]))
  return assemble({
    name,
    kind: 'functional',
    inputs: inputs.map((x, index) => ({ name: inputNames[index]!, shape: x.shape })),
    calls: calls.map(x => ({
      layer: named.get(x.call!.layer)!,
      inputs: x.call!.inputs.map(source => values.get(source)!),
    })),
    outputs: outputs.map(x => values.get(x)!),
  })
}

function nameInputs(inputs: readonly Tensor[]): string[] {
  const given = inputs.map(x => x.inputName ?? '').filter(name => name !== '')
  const double = given.find((name, index) => given.indexOf(name) !== index)
  if (double !== undefined) throw new UserError({ what: `Two inputs are called '${double}'.`, fix: 'Rename one.' })
  const taken = new Set(given)
  const counts = new Map<string, number>()
  return inputs.map(x => x.inputName || freeName('input_layer', taken, counts))
}

function checkEnds(inputs: readonly Tensor[], outputs: readonly Tensor[]): Problem[] {
  const problems: Problem[] = []
  if (inputs.length === 0)
    problems.push({ what: 'The model has no input.', fix: 'Give `inputs`, made by input({shape}).' })
  if (outputs.length === 0) problems.push({ what: 'The model has no output.', fix: 'Give `outputs`.' })
  if (inputs.some(x => x.call !== undefined)) {
    problems.push({ what: 'One of `inputs` is computed by a layer.', fix: 'Give what input({shape}) made.' })
  }
  if (new Set(inputs).size < inputs.length) problems.push({ what: 'An input is given twice.' })
  if (new Set(outputs).size < outputs.length) problems.push({ what: 'An output is given twice.' })
  return problems
}

/** Every call the outputs need in Keras's order, and the inputs met on the way. */
function walkBack(inputs: readonly Tensor[], outputs: readonly Tensor[]) {
  const reached = new Set<Tensor>()
  const strays = new Set<Tensor>()
  const postOrder: Tensor[] = []
  const layerOrder = new Map<Layer, number>()
  // With a list of its own: a network of thousands of layers is deeper than calls can be nested.
  const open: { readonly x: Tensor; next: number }[] = []
  const enter = (x: Tensor): void => {
    if (reached.has(x)) return
    reached.add(x)
    if (x.call === undefined) {
      if (!inputs.includes(x)) strays.add(x)
      return
    }
    if (!layerOrder.has(x.call.layer)) layerOrder.set(x.call.layer, layerOrder.size)
    open.push({ x, next: 0 })
  }
  for (const output of outputs) {
    enter(output)
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const source = top.x.call!.inputs[top.next++]
      if (source !== undefined) enter(source)
      else postOrder.push(open.pop()!.x)
    }
  }

  const depths = new Map<Tensor, number>()
  for (const x of postOrder.toReversed()) {
    const depth = depths.get(x) ?? 0
    depths.set(x, depth)
    for (const source of x.call!.inputs) depths.set(source, Math.max(depths.get(source) ?? 0, depth + 1))
  }
  const calls = postOrder.toSorted(
    (a, b) => depths.get(b)! - depths.get(a)! || layerOrder.get(a.call!.layer)! - layerOrder.get(b.call!.layer)!,
  )
  return { calls, reached, strays }
}
