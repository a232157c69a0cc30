/** Whether an input of four axes is [batch, channels, height, width]: what reads it decides, and where nothing does, its extents. */
import type { OnnxNode, OnnxValue } from './onnx-model.ts'

/** They take channels as the first axis of a sample. */
const channelsFirst = new Set([
  'AveragePool',
  'BatchNormalization',
  'Conv',
  'ConvTranspose',
  'DepthToSpace',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'GroupNormalization',
  'InstanceNormalization',
  'LRN',
  'MaxPool',
  'Resize',
  'SpaceToDepth',
  'Upsample',
])
/** Whatever the order, the result has the same. */
const keepsOrder = new Set(['Add', 'Cast', 'Clip', 'Concat', 'Div', 'Identity', 'Mul', 'Pad', 'Relu', 'Slice', 'Sub'])

/** Of an input of the graph, by the nodes in their order. */
export function readsChannelsFirst({ name, dims }: OnnxValue, nodes: readonly OnnxNode[]): boolean {
  if (dims?.length !== 4) return false
  /** Of values that are the input in another order: its axes. */
  const orders = new Map<string, readonly number[]>([[name, [0, 1, 2, 3]]])
  for (const { op, inputs, outputs, attributes } of nodes) {
    const order = inputs.map(input => orders.get(input)).find(known => known !== undefined)
    if (!order) continue
    if (channelsFirst.has(op) && orders.has(inputs[0]!)) return order[1] === 1
    const { perm } = attributes
    const turned = op === 'Transpose' && perm?.kind === 'ints' ? perm.value.map(axis => order[axis]!) : undefined
    if (turned || keepsOrder.has(op)) orders.set(outputs[0]!, turned ?? order)
  }
  const [, first, , last] = dims
  return isFew(first) && !isFew(last)
}

/** Grey, colours, colours with transparency. */
const isFew = (extent: number | string | undefined): boolean => extent === 1 || extent === 3 || extent === 4
