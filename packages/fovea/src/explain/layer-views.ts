/** What a layer's units see of its inputs, by the rule in its traits. Layers with channels first work in channels last between two transpositions. */
import type { Views } from '../layers/axis-views.ts'
import { seenBy } from '../layers/sights.ts'
import type { LayerCall } from '../network/model.ts'

/** The views of each input of a call; undefined for an input that is not seen. */
export function inputViews(
  { layer, inputShapes, outputShape }: LayerCall,
  views: Views,
): readonly (Views | undefined)[] {
  const { sight = 'wholly' } = layer.traits
  const { config } = layer
  if (config['dataFormat'] !== 'channelsFirst')
    return seenBy(sight, views, { config, inputs: inputShapes, output: outputShape })
  const turned = { config, inputs: inputShapes.map(toLast), output: toLast(outputShape) }
  return seenBy(sight, toLast(views), turned).map(seen => seen && ([seen[2]!, seen[0]!, seen[1]!] as const))
}

function toLast<T>(axes: readonly T[]): readonly T[] {
  return axes.length === 3 ? [axes[1]!, axes[2]!, axes[0]!] : axes
}
