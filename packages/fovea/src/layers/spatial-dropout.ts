/** SpatialDropout2D drops whole channels (Tompson et al. 2015), as noise.ts drops elements. */
import { dataFormat, makeLayer } from './definition.ts'
import { type DropoutOptions, dropped, rateField } from './noise.ts'
import { readOptions } from './options.ts'
import type { CallableLayer } from './tensor.ts'

export interface SpatialDropout2dOptions extends DropoutOptions {
  /** Order of the axes. Default 'channelsLast'. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst' | undefined
}

/** In training each channel of each picture is 0 with probability `rate`, else scaled by 1 / (1 − rate). */
export function spatialDropout2d(options: SpatialDropout2dOptions): CallableLayer {
  const config = readOptions('SpatialDropout2D', options, { rate: rateField, dataFormat })
  return makeLayer(options, {
    type: 'SpatialDropout2D',
    traits: { family: 'dropout', sight: 'alike' },
    config,
    ranks: [3],
    outputShape: ([shape]) => shape!,
    lower: (context, [x]) => dropped(context, x!, config.rate, [x!.shape[0]!, 1, 1, x!.shape[3]!]),
  })
}
