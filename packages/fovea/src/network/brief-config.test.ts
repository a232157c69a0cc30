/** Written down briefly and read again, a network is the same: names, options, order of calls. */
import { describe, expect, it } from 'vitest'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/noise.ts'
import { maxPooling2d } from '../layers/pooling.ts'
import { flatten } from '../layers/shaping.ts'
import { type BriefConfig, briefConfig } from './brief-config.ts'
import { modelFromConfig, modelToConfig } from './config.ts'
import { sequential } from './sequential.ts'
import { type ZooName, zoo } from './zoo/zoo.ts'

const throughJson = (config: BriefConfig): unknown => JSON.parse(JSON.stringify(config))

describe('briefConfig', () => {
  it.each(Object.keys(zoo) as ZooName[])('%s is made again of it', name => {
    const model = zoo[name].build()
    const brief = briefConfig(model)
    const again = modelToConfig(modelFromConfig(throughJson(brief)))
    expect(again).toEqual(JSON.parse(JSON.stringify(modelToConfig(model))))
    expect(JSON.stringify(brief).length).toBeLessThan(0.6 * JSON.stringify(again).length)
  })

  it('says what is chosen, and the size of a window', () => {
    const model = sequential([
      conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'relu', inputShape: [8, 8, 1] }),
      maxPooling2d(),
      flatten(),
      dropout({ rate: 0.5 }),
      dense({ units: 2, useBias: false }),
    ])
    expect(briefConfig(model).layers).toEqual([
      { type: 'Conv2D', config: { filters: 8, kernelSize: [3, 3], strides: [2, 2], activation: 'relu' } },
      { type: 'MaxPooling2D', config: { poolSize: [2, 2] } },
      { type: 'Flatten' },
      { type: 'Dropout', config: { rate: 0.5 } },
      { type: 'Dense', config: { units: 2, useBias: false } },
    ])
  })

  it('keeps names of one’s own, and what is frozen', () => {
    const first = dense({ units: 3, name: 'first', trainable: false, inputShape: [2] })
    const model = sequential([first, dense({ units: 2 })])
    expect(briefConfig(model).layers).toEqual([
      { type: 'Dense', name: 'first', trainable: false, config: { units: 3 } },
      { type: 'Dense', name: 'dense', config: { units: 2 } },
    ])
    expect(modelFromConfig(throughJson(briefConfig(model))).layers.map(({ layer }) => layer.name)).toEqual([
      'first',
      'dense',
    ])
  })

  it('a layer without a name that cannot be made is told by its place', () => {
    const brief = briefConfig(sequential([dense({ units: 3, inputShape: [2] })]))
    const broken = { ...brief, layers: [...brief.layers, { type: 'Dense', config: { unit: 3 } }] }
    expect(() => modelFromConfig(broken)).toThrow(/Layer 2 \(Dense\): [\s\S]*units/)
  })
})
