/**
 * What the random layers at a model's head make of a picture: in training it comes in turned, shifted, mirrored … a little
 * otherwise each time. In: the bytes of one picture. Out: so many variants as bytes, of the size those layers give.
 *
 * The head's own layers run in training mode through the oracle, apart from any program, so training's bits cannot change. Among
 * them are layers that rescale: a black and a white picture, sent through the head as in inference, say what 0 and 255 have
 * become at each place, and value ↦ 255 · (value − black) / (white − black) leads back to bytes.
 */
import { fold, keyOf } from '../base/random.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { createGraph } from '../graph/builder.ts'
import { stepGraph } from '../graph/node.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import type { Model } from './model.ts'
import { modelNodes } from './model-nodes.ts'

const variantStream = 0xa06

export interface PictureVariants {
  /** Height, width, channels of each. */
  readonly shape: Shape
  /** One after the other. */
  readonly data: Uint8Array
}

/** Undefined for models that do not begin with random layers. */
export function augmentedPictures(
  model: Model,
  picture: ArrayLike<number>,
  { count, seed }: { readonly count: number; readonly seed: number },
): PictureVariants | undefined {
  const head = headLength(model)
  if (head === 0) return undefined
  const size = sizeOf(model.inputs[0]!.shape)
  const black = headValues(model, head, { training: false, seed }, [new Uint8Array(size)])
  const white = headValues(model, head, { training: false, seed }, [new Uint8Array(size).fill(255)])
  const pictures = new Array<ArrayLike<number>>(count).fill(picture)
  const values = headValues(model, head, { training: true, seed }, pictures)
  const data = Uint8ClampedArray.from(values, (value, at) => {
    const place = at % black.length
    return (255 * (value - black[place]!)) / (white[place]! - black[place]!)
  })
  return { shape: model.layers[head - 1]!.outputShape, data: new Uint8Array(data.buffer) }
}

/** How many layers there are up to the last random one at the head: 0 when there is none. */
function headLength({ inputs, layers }: Model): number {
  if (inputs.length !== 1) return 0
  let length = 0
  for (const [index, { layer, inputs: values, outputShape }] of layers.entries()) {
    const follows = values.length === 1 && values[0] === index
    const { family } = layer.traits
    const random = family === 'augmentation'
    // Others may stand among them that map bytes to numbers in proportion, and a picture to a picture.
    const proportional = (family === 'scaling' || family === 'shape') && outputShape.length === 3
    if (!follows || !(random || proportional)) break
    if (random) length = index + 1
  }
  return length
}

function headValues(
  model: Model,
  head: number,
  { training, seed }: { readonly training: boolean; readonly seed: number },
  pictures: readonly ArrayLike<number>[],
): Float64Array {
  const graph = createGraph(pictures.length)
  const { name, shape } = model.inputs[0]!
  const input = graph.input(name, [pictures.length, ...shape], { batched: true, dtype: 'u8' })
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  const node = modelNodes(model, graph, { inputs: [input], training, randomKey }).values[head - 1]!
  const key = fold(keyOf(seed), variantStream)
  const rows = new Uint8Array(pictures.length * sizeOf(shape))
  for (const [row, picture] of pictures.entries()) rows.set(picture, row * sizeOf(shape))
  const step = stepGraph(graph.batch, [], [{ name: 'head', node }])
  return evaluateGraph(step, { inputs: { [name]: rows, randomKey: key }, states: {} }).outputs['head']!
}
