import { describe, expect, it } from 'vitest'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { depthwiseConv2d } from '../layers/depthwise.ts'
import { localResponseNormalization } from '../layers/layer-normalization.ts'
import { add } from '../layers/merging.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { maxPooling2d } from '../layers/pooling.ts'
import { reshape, zeroPadding2d } from '../layers/rearranging.ts'
import { resizing, upSampling2d } from '../layers/resizing.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { chain, input } from '../network/functional.ts'
import { mostLayers } from '../network/model.ts'
import { encodeModelFile } from '../store/model-encoder.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { place } from './tiny-classifier.testing.ts'

// A model file comes from anywhere. Every field of a configuration, with a value of every kind: the model is made, or a UserError says why not.
const deep = '@deep@'
/** Deeper than any stack, so that nothing walks it by calling itself. */
const brackets = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
const values: readonly unknown[] = [
  null,
  -1,
  0,
  0.5,
  1e9,
  2 ** 31 - 1,
  4e9,
  1e12,
  1e308,
  'x',
  'constructor',
  [],
  {},
  [1e9, 1e9],
  [
    [1e9, 1e9],
    [1e9, 1e9],
  ],
  true,
  deep,
  new Array(20_000).fill(1),
  'x'.repeat(30_000),
]

const { model, sequential, loadModel } = place()

function branched() {
  const x = input({ shape: [6, 6, 1] })
  const trunk = chain(
    x,
    conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu' }),
    batchNormalization(),
    maxPooling2d(),
    zeroPadding2d(),
  )
  const side = chain(trunk, upSampling2d(), resizing({ height: 5, width: 5 }), localResponseNormalization())
  const joined = apply(add(), [trunk, side])
  const last = chain(joined, depthwiseConv2d({ kernelSize: 2 }), reshape({ targetShape: [16, 2] }), flatten())
  return model({ inputs: x, outputs: apply(dense({ units: 3, activation: 'softmax' }), last) })
}

const file = decodeModelFile(await branched().toBytes())

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const own = path.length === 0 ? [] : [path]
  if (typeof value !== 'object' || value === null) return own
  return [...own, ...Object.entries(value).flatMap(([name, each]) => pathsIn(each, [...path, name]))]
}

/** The model file with another value at a path of its configuration. */
function changed(path: readonly string[], value: unknown): Uint8Array {
  const config = structuredClone(file.model) as Record<string, unknown>
  const owner = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, config)
  owner[path.at(-1)!] = value
  const text = JSON.stringify(config)
  return withConfig(value === deep ? text.replace(`"${deep}"`, brackets) : text)
}

const { metadata, tensors } = decodeSafetensors(encodeModelFile(file))
function withConfig(text: string): Uint8Array {
  return encodeSafetensors({ metadata: { ...metadata, model: text }, tensors })
}

async function outcomeOf(bytes: Uint8Array): Promise<string> {
  try {
    const loaded = await loadModel(bytes)
    loaded.summary()
    const { shape } = await loaded.predict(new Float32Array(36))
    return `predicts ${shape}`
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

describe('a model file with any field of its configuration changed', () => {
  const fields = pathsIn(file.model)
  it.each(['inputs', 'layers', 'calls', 'outputs', 'kind', 'name', 'format', 'version'])('%s', async part => {
    const faults: string[] = []
    let refused = 0
    for (const path of fields.filter(([first]) => first === part)) {
      for (const [index, value] of values.entries()) {
        const outcome = await outcomeOf(changed(path, value))
        if (outcome.startsWith('UserError')) refused++
        else if (outcome !== 'predicts 1,3') faults.push(`${path.join('.')} = value ${index}: ${outcome.slice(0, 200)}`)
        if (outcome.length > 20_000) faults.push(`${path.join('.')} = value ${index}: ${outcome.length} signs`)
      }
    }
    expect(faults).toEqual([])
    expect(refused).toBeGreaterThan(8)
  })
})

describe('a model file', () => {
  interface Config {
    readonly layers: { name: string }[]
    readonly calls: { inputs: number[] }[]
    readonly outputs: number[]
  }
  const refusal = async (change: (config: Config) => void): Promise<string> => {
    const config = structuredClone(file.model) as unknown as Config
    change(config)
    return outcomeOf(withConfig(JSON.stringify(config)))
  }
  it('does not give two layers one name, or a layer the name of an input', async () => {
    const name = (index: number, other: string) => (config: Config) => {
      config.layers[index]!.name = other
    }
    expect(await refusal(name(1, 'conv2d'))).toMatch(/UserError: Two layers of the model are called 'conv2d'/)
    expect(await refusal(name(1, 'input_layer'))).toMatch(/UserError: Two layers of the model are called 'input_layer'/)
    expect(await refusal(name(1, 'a/b'))).toMatch(/UserError: A layer cannot be called 'a\/b'/)
    expect(await refusal(name(1, 'x'.repeat(257)))).toMatch(/UserError: A layer's name is too long/)
  })
  it('does not call a layer before its input is there, or leave one uncalled', async () => {
    expect(await refusal(config => config.calls[0]!.inputs.fill(3))).toMatch(/hold together/)
    expect(await refusal(config => void config.calls.pop())).toMatch(/hold together/)
    expect(await refusal(config => void config.outputs.push(config.outputs[0]!))).toMatch(/twice/)
  })
  it('has a bounded number of layers, and so has code', async () => {
    const layer = { type: 'Dense', trainable: true, config: { units: 1 } }
    const layers = Array.from({ length: 100_000 }, (_, index) => ({ ...layer, name: `dense_${index}` }))
    const deepModel = {
      ...file.model,
      kind: 'sequential',
      inputs: [{ name: 'x', shape: [1] }],
      layers,
      calls: undefined,
      outputs: undefined,
    }
    expect(await outcomeOf(withConfig(JSON.stringify(deepModel)))).toMatch(/UserError: .*"layers"[\s\S]*1 to 4096/)
    const many = Array.from({ length: mostLayers + 1 }, () => dense({ units: 1, inputShape: [1] }))
    expect(() => sequential(many)).toThrow(/too many layers/)
    let x = input({ shape: [1] })
    for (let count = 0; count < 20_000; count++) x = apply(dense({ units: 1 }), x)
    expect(() => model({ inputs: input({ shape: [1] }), outputs: x })).toThrow(/UserError|not among the model/)
  })
})
