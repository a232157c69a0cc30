/**
 * Gemm, and MatMul by a matrix of the file, as Dense. What was flattened in ONNX's order lies in Fovea's, so the rows of the kernel are put
 * into that order instead of the numbers: row r of the new kernel is the row of the place in ONNX's order that is stored at r.
 */
import { type Constant, numbersFor, transposedConstant } from '../constant.ts'
import {
  constantInput,
  floatAttribute,
  inputOf,
  type NodeContext,
  type NodeReader,
  refused,
  viewInput,
  wholeAttribute,
} from '../node-context.ts'
import { arranged, flatAxes, onnxPlaces, plainAxes, type View, withShape } from '../view.ts'
import { onEach } from './activations.ts'
import { joinedValues } from './arithmetic.ts'

/** Rows in the order in which a flattened value is stored. */
function rowsFor(view: View, kernel: Constant): Constant {
  const places = onnxPlaces(view)
  const [rows, units] = kernel.dims as [number, number]
  if (places.length !== rows || places.every((place, at) => place === at)) return kernel
  const data = numbersFor(kernel.type, kernel.data.length)
  for (const [row, place] of places.entries()) {
    data.set(kernel.data.subarray(place * units, (place + 1) * units), row * units)
  }
  return { ...kernel, data }
}

/** x · kernel along ONNX's last axis. */
function product(context: NodeContext, view: View, kernel: Constant, bias?: Float32Array): View {
  const [inputs, units] = kernel.dims as [number, number]
  if (kernel.dims.length !== 2) throw refused(`Its matrix has ${kernel.dims.length} axes; one of 2 can be read.`)
  if (view.shape.at(-1) !== inputs) {
    throw refused(`Its matrix takes ${inputs} numbers, and ${view.shape.at(-1) ?? 'one'} arrive.`)
  }
  const config = { units, useBias: bias !== undefined }
  if (view.shape.length === 1) {
    const weights = { kernel: rowsFor(view, kernel).data, ...(bias && { bias }) }
    const made = context.network.layer('Dense', config, [context.network.flattened(view)], weights)
    return arranged(made, [units], flatAxes([units]))
  }
  const shape = [...view.shape.slice(0, -1), units]
  const { value } = context.network.settle(view, plainAxes(view.shape))
  const made = context.network.layer('Dense', config, [value], { kernel: kernel.data, ...(bias && { bias }) })
  return arranged(made, shape, plainAxes(shape))
}

const matMul: NodeReader = context => {
  const [left, right] = [inputOf(context, 0), inputOf(context, 1)]
  if (left.kind === 'view' && right.kind === 'view')
    throw refused('It multiplies two computed values with each other, as attention does.')
  if (left.kind !== 'view') throw refused('It multiplies a matrix of the file by a computed value from the right.')
  const kernel = constantInput(context, 1)
  // A vector gives one number, whose axis goes.
  if (kernel.dims.length === 1) {
    const made = product(context, left.view, { ...kernel, dims: [kernel.dims[0]!, 1] })
    return { view: withShape(made, made.shape.slice(0, -1)) }
  }
  return { view: product(context, left.view, kernel) }
}

const times = ({ dims, data, type }: Constant, factor: number): Constant =>
  factor === 1 ? { dims, data, type } : { dims, data: data.map(value => value * factor), type }

const gemm: NodeReader = context => {
  const view = viewInput(context)
  const matrix = constantInput(context, 1)
  const added = context.operand(2)
  if (wholeAttribute(context, 'transA', 0) === 1) throw refused('It turns the batch axis (transA).')
  if (view.shape.length !== 1 || matrix.dims.length !== 2) throw refused('It needs a list of numbers for each sample.')
  const turned = wholeAttribute(context, 'transB', 0) === 1 ? transposedConstant(matrix, [1, 0]) : matrix
  const kernel = times(turned, floatAttribute(context, 'alpha', 1))
  const beta = floatAttribute(context, 'beta', 1)
  const bias = added?.kind === 'constant' ? biasOf(added.constant, kernel.dims[1]!, beta) : undefined
  const made = product(context, view, kernel, bias)
  if (added?.kind !== 'view') return { view: made }
  const weighted = beta === 1 ? added.view : onEach(context, added.view, ['Rescaling', { scale: beta }])
  return { view: joinedValues(context, 'Add', [made, weighted]) }
}

/** One number for each unit: [], [1], [units], [1, units]. */
function biasOf({ dims, data }: Constant, units: number, beta: number): Float32Array {
  const last = dims.at(-1) ?? 1
  if (data.length !== last || (last !== 1 && last !== units)) {
    throw refused(`It adds numbers of shape [${dims.join(', ')}], which are not one for each of ${units} units.`)
  }
  return Float32Array.from({ length: units }, (_, unit) => beta * data[last === 1 ? 0 : unit]!)
}

export const products: Readonly<Record<string, NodeReader>> = {
  Gemm: gemm,
  MatMul: matMul,
}
