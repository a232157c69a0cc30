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

export function readsChannelsFirst(
  name: string,
  dims: NonNullable<OnnxValue['dims']>,
  nodes: readonly OnnxNode[],
): boolean {
  const asIs = new Set([name])
  const channelsToFront = new Set<string>()
  for (const { op, inputs, outputs, attributes } of nodes) {
    const from = inputs[0] ?? ''
    if (channelsFirst.has(op) && asIs.has(from)) return true
    if (channelsFirst.has(op) && channelsToFront.has(from)) return false
    const { perm } = attributes
    if (op === 'Transpose' && asIs.has(from) && perm?.kind === 'ints' && perm.value.join() === '0,3,1,2')
      channelsToFront.add(outputs[0]!)
    if (!keepsOrder.has(op)) continue
    for (const order of [asIs, channelsToFront]) if (inputs.some(input => order.has(input))) order.add(outputs[0]!)
  }
  const [, first, , last] = dims
  return isFew(first) && !isFew(last)
}

/** Grey, colours, colours with transparency. */
const isFew = (extent: number | string | undefined): boolean => extent === 1 || extent === 3 || extent === 4
