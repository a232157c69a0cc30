import { activation } from 'fovea/internal/layers/activation-layers'
import { conv2d } from 'fovea/internal/layers/conv'
import { dense } from 'fovea/internal/layers/dense'
import { add, concatenate } from 'fovea/internal/layers/merging'
import { dropout } from 'fovea/internal/layers/noise'
import { flatten } from 'fovea/internal/layers/shaping'
import { apply, type Tensor } from 'fovea/internal/layers/tensor'
import { chain, model as functional, input } from 'fovea/internal/network/functional'
import type { Model } from 'fovea/internal/network/model'
import { sequential } from 'fovea/internal/network/sequential'
import { zooModel } from 'fovea/internal/network/zoo/zoo'
import { describe, expect, it } from 'vitest'
import { type DrawingPart, namingCall, networkParts } from './network-plan.ts'

const convolution = (name: string) => conv2d({ filters: 4, kernelSize: 3, padding: 'same', name })
const pictures = () => input({ shape: [8, 8, 4] })
const namesOf = (model: Model, part: DrawingPart) =>
  part.boxes.map(({ calls }) => calls.map(call => model.layers[call]!.layer.name).join('+'))
const placesOf = (part: DrawingPart) => part.boxes.map(({ column, row }) => [column, row])

describe('the plan of a network', () => {
  it('has one part for each layer of a chain', () => {
    const model = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 3 }), dense({ units: 2 })])
    const parts = networkParts(model)
    expect(parts.map(part => namesOf(model, part))).toEqual([['flatten'], ['dense'], ['dense_1']])
    for (const part of parts) {
      expect(part).toMatchObject({ columns: 1, rows: 1, connections: [{ from: -1, to: 0 }] })
    }
  })

  it('lets a connection pass the layers it skips in a row of its own', () => {
    const x = pictures()
    const before = apply(convolution('before'), x)
    const inner = chain(before, convolution('one'), convolution('two'))
    const joined = apply(add({ name: 'sum' }), [inner, before])
    const model = functional({ inputs: x, outputs: apply(convolution('after'), joined) })
    const parts = networkParts(model)
    expect(parts.map(part => namesOf(model, part))).toEqual([['before'], ['one', 'two', 'sum'], ['after']])
    const [, block] = parts
    expect([block!.columns, block!.rows]).toEqual([3, 2])
    expect(placesOf(block!)).toEqual([
      [0, 0],
      [1, 0],
      [2, 0.5],
    ])
    expect(block!.connections).toEqual([
      { from: -1, to: 0 },
      { from: 0, to: 1 },
      { from: 1, to: 2 },
      { from: -1, to: 2, via: 1 },
    ])
  })

  it('puts branches below one another and what joins them in the middle', () => {
    const x = pictures()
    const branch = (name: string, length: number): Tensor =>
      chain(x, ...Array.from({ length }, (_, index) => convolution(`${name}${index}`)))
    const joined = apply(concatenate({ name: 'joined' }), [branch('a', 2), branch('b', 2), branch('c', 1)])
    const model = functional({ inputs: x, outputs: joined })
    const [block, ...others] = networkParts(model)
    expect(others).toEqual([])
    const names = namesOf(model, block!)
    const at = (name: string) => placesOf(block!)[names.indexOf(name)]
    expect([at('a0'), at('a1'), at('b0'), at('b1')].map(place => place![0])).toEqual([0, 1, 0, 1])
    expect(at('a0')![1]).toBe(at('a1')![1])
    expect(at('b0')![1]).toBe(at('b1')![1])
    expect(new Set([at('a0'), at('b0'), at('c0')].map(place => place![1]))).toEqual(new Set([0, 1, 2]))
    expect(at('joined')).toEqual([2, 1])
    // No two boxes, and no connection that passes, share a place.
    const places = [
      ...placesOf(block!).map(String),
      ...block!.connections.flatMap(({ via }) => (via === undefined ? [] : [`1,${via}`])),
    ]
    expect(new Set(places).size).toBe(places.length)
  })

  it('makes one box of the branches of a large network, named after what joins them', () => {
    const model = zooModel('googlenet').build()
    const boxes = networkParts(model).flatMap(part => part.boxes)
    const blocks = boxes.filter(({ branches }) => branches > 1)
    expect(blocks.map(box => namingCall(model, box).layer.name)).toEqual(
      ['3a', '3b', '4a', '4b', '4c', '4d', '4e', '5a', '5b'].map(name => `inception_${name}_output`),
    )
    expect(blocks.map(({ branches, calls }) => [branches, calls.length])).toEqual(new Array(9).fill([4, 8]))
    expect(boxes.flatMap(({ calls }) => calls)).toEqual(model.layers.map((_, call) => call))
  })

  it('joins to a layer what follows it without changing the shape', () => {
    const model = zooModel('resnet50').build()
    const boxes = networkParts(model).flatMap(part => part.boxes)
    expect(boxes.filter(({ branches }) => branches === 2).length).toBe(16)
    expect(boxes.length).toBe(6 - 1 + 16 + 2)
    expect(boxes.filter(box => namingCall(model, box).layer.type === 'Add').length).toBe(16)
  })

  it('leaves out the middle of a chain that is still too long', () => {
    const model = sequential([
      flatten({ inputShape: [2, 2, 1] }),
      ...Array.from({ length: 60 }, () => [
        dense({ units: 3 }),
        dropout({ rate: 0.1 }),
        activation({ activation: 'relu' }),
      ]).flat(),
    ])
    const parts = networkParts(model)
    const boxes = parts.flatMap(part => part.boxes)
    expect(boxes.length).toBe(40)
    const [gap] = parts.filter(({ omitted }) => omitted !== undefined)
    expect(gap!.omitted! + boxes.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(model.layers.length)
    expect(boxes[1]!.calls).toEqual([1, 2, 3])
  })
})
