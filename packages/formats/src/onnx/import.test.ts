/** Graphs as exporters write them become networks: their numbers against a computation by hand, their layers, and what is refused. */
import { loadModel, UserError } from 'fovea'
import { openedBytes } from 'fovea/internal/store/model-formats'
import { describe, expect, it } from 'vitest'
import { decodeOnnx } from './decode.ts'
import { importedNetwork } from './import.ts'
import { type FileParts, floats, ints, node, numbers, onnxBytes, smallClassifier, value } from './onnx-bytes.testing.ts'
import { readOnnx } from './read-onnx.ts'

interface Described {
  readonly type: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
}
const networkOf = async (parts: FileParts) =>
  importedNetwork(await decodeOnnx(openedBytes(onnxBytes(parts), 'm.onnx')), 'm.onnx')
const layersOf = async (parts: FileParts): Promise<readonly Described[]> =>
  (await networkOf(parts)).model['layers'] as unknown as Described[]
const typesOf = async (parts: FileParts): Promise<string[]> => (await layersOf(parts)).map(({ type }) => type)
const failureOf = async (parts: FileParts): Promise<string> => {
  const failure = await networkOf(parts).catch(error => error)
  expect(failure).toBeInstanceOf(UserError)
  return failure.message
}

/** A value [n, 3, 4, 4] after these nodes. */
const onPicture = (nodes: readonly Uint8Array[], initializers: readonly Uint8Array[] = [], opset = 17): FileParts => ({
  nodes,
  initializers,
  inputs: [value('x', ['n', 3, 4, 4])],
  outputs: [value('y', ['n'])],
  opset,
})
const conv = (input: string, output: string) => node('Conv', [input, 'w'], [output])
const kernel = floats('w', [2, 3, 1, 1], numbers(6))

describe('a small classifier', () => {
  it('gives the numbers that its formulas give', async () => {
    const model = await loadModel(smallClassifier())
    const picture = numbers(192)
    // Row by row, channels last.
    const given = Float32Array.from(picture, (_, at) => picture[(at % 3) * 64 + Math.floor(at / 3)]!)
    const { data } = await model.predict({ shape: [1, 8, 8, 3], data: given })
    expect(model.classNames).toEqual(['a', 'b', 'c', 'd'])
    for (const [at, expected] of byHand(picture).entries()) expect(data[at]).toBeCloseTo(expected, 6)
    await model.dispose()
  })

  it('has the names of its weights, and its bias as a bias', async () => {
    const { model, weights, notes, writer } = await readOnnx(openedBytes(smallClassifier(), 'm.onnx'))
    expect(writer).toBe('test, opset 17')
    expect(weights.map(({ name }) => name)).toEqual([
      'conv1/kernel',
      'conv1/bias',
      'bn1/gamma',
      'bn1/beta',
      'bn1/movingMean',
      'bn1/movingVariance',
      'fc1/kernel',
      'fc1/bias',
      'fc2/kernel',
      'fc2/bias',
    ])
    expect(model!['kind']).toBe('sequential')
    expect(notes).toEqual([expect.stringMatching(/'picture' is \[3, 8, 8\].*here it is \[8, 8, 3\]/)])
  })
})

/** Of [3, 8, 8], in ONNX's order throughout. */
function byHand(picture: Float32Array): number[] {
  const bn = (of: number) => 1 + numbers(6)[of]! / 4
  const [w, b, beta, mean] = [numbers(162, 0.3), numbers(6, 0.1), numbers(6, 0.2), numbers(6, 0.1)]
  const at = (c: number, y: number, x: number): number =>
    y < 0 || x < 0 || y > 7 || x > 7 ? 0 : picture[c * 64 + y * 8 + x]!
  const convolved = (f: number, y: number, x: number): number => {
    let sum = b[f]!
    for (let i = 0; i < 27; i++) {
      const [c, dy, dx] = [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3]
      sum += w[f * 27 + i]! * at(c, y + dy - 1, x + dx - 1)
    }
    return Math.max(0, ((sum - mean[f]!) / Math.sqrt(bn(f) + 1e-5)) * bn(f) + beta[f]!)
  }
  const features = Array.from({ length: 96 }, (_, i) => {
    const [f, y, x] = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4]
    return Math.max(...[0, 1, 2, 3].map(k => convolved(f, 2 * y + (k >> 1), 2 * x + (k & 1))))
  })
  const [w1, b1, w2, b2] = [numbers(768, 0.2), numbers(8, 0.1), numbers(32, 0.5), numbers(4, 0.1)]
  const hidden = Array.from(b1, (bias, u) =>
    Math.max(
      0,
      features.reduce((sum, x, i) => sum + x * w1[u * 96 + i]!, bias),
    ),
  )
  const logits = Array.from(b2, (bias, u) => hidden.reduce((sum, x, i) => sum + x * w2[i * 4 + u]!, bias))
  const exponentials = logits.map(Math.exp)
  const total = exponentials.reduce((sum, x) => sum + x)
  return exponentials.map(x => x / total)
}

describe('layouts', () => {
  it('cost no layer where a picture is turned and turned back', async () => {
    const turned = [
      node('Transpose', ['x'], ['a'], { perm: [0, 2, 3, 1] }),
      node('Relu', ['a'], ['b']),
      node('Transpose', ['b'], ['c'], { perm: [0, 3, 1, 2] }),
      conv('c', 'y'),
    ]
    expect(await typesOf(onPicture(turned, [kernel]))).toEqual(['ReLU', 'Conv2D'])
  })

  it('of pictures with channels last in the file are kept', async () => {
    const { notes, channelsFirst } = await networkOf({
      ...onPicture([node('Transpose', ['x'], ['a'], { perm: [0, 3, 1, 2] }), conv('a', 'y')], [kernel]),
      inputs: [value('x', ['n', 4, 4, 3])],
    })
    expect(channelsFirst).toEqual({ inputs: [false], outputs: [true] })
    expect(notes).toEqual([expect.stringMatching(/^Output 'y'/)])
  })

  it('are moved where a shuffle of channels needs it', async () => {
    const shuffled = [
      conv('x', 'a'),
      node('Reshape', ['a', 'split'], ['b']),
      node('Transpose', ['b'], ['c'], { perm: [0, 2, 1, 3, 4] }),
      node('Reshape', ['c', 'joined'], ['d']),
      node('Conv', ['d', 'v'], ['y']),
    ]
    const more = [
      floats('w', [6, 3, 1, 1], numbers(18)),
      floats('v', [2, 6, 1, 1], numbers(12)),
      ints('split', [-1, 2, 3, 4, 4]),
      ints('joined', [-1, 6, 4, 4]),
    ]
    expect(await typesOf(onPicture(shuffled, more))).toEqual(['Conv2D', 'Reshape', 'Permute', 'Reshape', 'Conv2D'])
  })
})

describe('patterns', () => {
  const gelu = (half: readonly Uint8Array[]) => [
    node('Div', ['x', 'root'], ['a']),
    node('Erf', ['a'], ['b']),
    node('Add', ['b', 'one'], ['c']),
    ...half,
  ]
  const constants = [floats('root', [], [Math.SQRT2]), floats('one', [], [1]), floats('half', [], [0.5])]
  it.each([
    ['x · (1 + erf) · ½', [node('Mul', ['x', 'c'], ['d']), node('Mul', ['d', 'half'], ['y'])]],
    ['½ · (1 + erf) · x', [node('Mul', ['half', 'c'], ['d']), node('Mul', ['x', 'd'], ['y'])]],
    ['(½ · x) · (1 + erf)', [node('Mul', ['x', 'half'], ['d']), node('Mul', ['d', 'c'], ['y'])]],
  ])('%s is gelu', async (_, half) => {
    const layers = await layersOf(onPicture(gelu(half), constants))
    expect(layers.map(({ type, config }) => [type, config['activation']])).toEqual([['Activation', 'gelu']])
  })

  const normalized = [
    node('ReduceMean', ['a'], ['m'], { axes: [1] }),
    node('Sub', ['a', 'm'], ['d']),
    node('Pow', ['d', 'two'], ['s']),
    node('ReduceMean', ['s'], ['v'], { axes: [1] }),
    node('Add', ['v', 'small'], ['e']),
    node('Sqrt', ['e'], ['r']),
    node('Div', ['d', 'r'], ['q']),
    node('Mul', ['g', 'q'], ['p']),
    node('Add', ['p', 'b'], ['y']),
  ]
  const factors = [
    floats('two', [], [2]),
    floats('small', [], [1e-6]),
    floats('g', [3, 1, 1], [1, 2, 3]),
    floats('b', [3, 1, 1], [4, 5, 6]),
  ]
  it('a normalization over the channels of each place is one layer', async () => {
    const { model, weights } = await networkOf(
      onPicture([conv('x', 'a'), ...normalized], [...factors, floats('w', [3, 3, 1, 1], numbers(9))]),
    )
    expect(model['layers']).toMatchObject([
      { type: 'Conv2D' },
      { type: 'LayerNormalization', config: { axis: [3], epsilon: 1e-6 } },
    ])
    expect(weights.slice(1).map(({ data }) => [...data])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('that are none are not taken for one', async () => {
    const other = [node('Mul', ['x', 'c'], ['d']), node('Mul', ['d', 'one'], ['y'])]
    expect(await failureOf(onPicture(gelu(other), constants))).toMatch(/does not have: Erf/)
  })

  it('min(max(x, 0), 6) is a ReLU with a limit', async () => {
    const limits = [floats('low', [], [0]), floats('high', [], [6])]
    const [layer] = await layersOf(onPicture([node('Clip', ['x', 'low', 'high'], ['y'])], limits))
    expect(layer).toMatchObject({ type: 'ReLU', config: { maxValue: 6 } })
  })

  it('a bias that two read stays an addition', async () => {
    const nodes = [conv('x', 'a'), node('Add', ['a', 'b'], ['c']), node('Add', ['a', 'c'], ['y'])]
    const types = await typesOf(onPicture(nodes, [kernel, floats('b', [2, 1, 1], [1, 2])]))
    expect(types).toEqual(['Conv2D', 'Rescaling', 'Add'])
  })
})

describe('what cannot be read', () => {
  it('is listed at once: operators by name, nodes by what they ask', async () => {
    const nodes = [
      node('Celestial', ['x'], ['a'], {}, [[3, 'text', 'first']]),
      node('Celestial', ['a'], ['b']),
      node('TopK', ['b'], ['c'], {}, [[7, 'text', 'com.example']]),
      node('Pad', ['x', 'pads'], ['d'], { mode: 'mirrored' }, [[3, 'text', 'edge']]),
      node('Add', ['c', 'd'], ['y']),
    ]
    const message = await failureOf(onPicture(nodes, [ints('pads', [0, 0, 1, 1, 0, 0, 1, 1])]))
    expect(message).toMatch(/does not have: Celestial, TopK \(com\.example\)\./)
    expect(message).toMatch(/Celestial: 2 times, at 'first'; TopK \(com\.example\): at 'c'/)
    expect(message).toMatch(/Node 'edge' \(Pad\): It fills borders by mode mirrored/)
    expect(message).toMatch(/onnxruntime-node/)
    expect(message).not.toMatch(/Add/)
  })

  it.each<[string, FileParts, RegExp]>([
    [
      'samples in one row',
      onPicture([node('Reshape', ['x', 'to'], ['y'])], [ints('to', [-1, 24])]),
      /different samples/,
    ],
    [
      'the batch axis moved',
      onPicture([node('Transpose', ['x'], ['y'], { perm: [1, 0, 2, 3] })]),
      /moves the batch axis/,
    ],
    ['softmax over samples', onPicture([node('Softmax', ['x'], ['y'], { axis: 0 })]), /along the batch axis/],
    ['a computed kernel', onPicture([node('Conv', ['x', 'x'], ['y'])]), /Input 2 is computed/],
    [
      'a kernel for other channels',
      onPicture([conv('x', 'y')], [floats('w', [2, 5, 1, 1], numbers(10))]),
      /takes 5 channels, and 3/,
    ],
    [
      'training mode',
      onPicture([node('BatchNormalization', ['x', 'w', 'w', 'w', 'w'], ['y'], { training_mode: 1 })], [kernel]),
      /training mode[\s\S]*model\.eval/,
    ],
    ['a missing value', onPicture([node('Relu', ['z'], ['y'])]), /reads 'z', which nothing gives/],
    ['an output that a node does not give', onPicture([node('Relu', ['x'], ['a', 'y'])]), /Its output 2 is used/],
    ['nodes in a ring', onPicture([node('Add', ['x', 'y'], ['a']), node('Relu', ['a'], ['y'])]), /which nothing gives/],
    [
      'an output of the file alone',
      onPicture([node('Relu', ['w'], ['y'])], [kernel]),
      /Input 1 should be computed, but is a constant/,
    ],
    ['an old version', onPicture([node('Relu', ['x'], ['y'])], [], 3), /version 3 of ONNX/],
    [
      'pictures of any size',
      { ...onPicture([node('Relu', ['x'], ['y'])]), inputs: [value('x', ['n', 3, 'h', 'w'])] },
      /open in more than its batch axis[\s\S]*\[n, 3, h, w\]/,
    ],
    [
      'constants beyond all memory',
      onPicture([node('ConstantOfShape', ['to'], ['a']), node('Add', ['x', 'a'], ['y'])], [ints('to', [65536, 65536])]),
      /too many numbers/,
    ],
    [
      'a comparison with the batch',
      onPicture([
        node('Shape', ['x'], ['s']),
        node('Equal', ['s', 's'], ['e']),
        node('Where', ['e', 's', 's'], ['t']),
        node('Reshape', ['x', 't'], ['y']),
      ]),
      /extent of the batch/,
    ],
    [
      'names of objects’ own properties',
      onPicture([node('constructor', ['x'], ['a']), node('toString', ['a'], ['y'])]),
      /constructor, toString/,
    ],
  ])('%s', async (_, parts, wording) => {
    expect(await failureOf(parts)).toMatch(wording)
  })
})

describe('metadata', () => {
  const read = (metadata: Readonly<Record<string, string>>, units = 4) =>
    readOnnx(
      openedBytes(
        onnxBytes({
          nodes: [node('Relu', ['x'], ['y'])],
          inputs: [value('x', ['n', units])],
          outputs: [value('y', ['n', units])],
          metadata,
        }),
        'm.onnx',
      ),
    )
  it('has class names as Fovea and as Ultralytics write them', async () => {
    expect((await read({ 'fovea.classNames': '["a","b"]' }, 2)).classNames).toEqual(['a', 'b'])
    expect((await read({ names: `{0: 'cat', 1: "dog's", 2: 'it\\'s'}` }, 3)).classNames).toEqual([
      'cat',
      "dog's",
      "it's",
    ])
  })
  it('with names of something else than the outputs is left out, with a note', async () => {
    const { classNames, notes } = await read({ names: "{0: 'a'}" })
    expect(classNames).toBeUndefined()
    expect(notes).toEqual([expect.stringMatching(/has 1 names.*4 outputs/)])
  })

  it('has preprocessing', async () => {
    expect((await read({ 'fovea.preprocess': '{"scale":1}' })).preprocess).toEqual({ scale: 1 })
    await expect(read({ 'fovea.preprocess': '[1]' })).rejects.toThrow(/damaged/)
  })
  it.each(['{1: "a"}', '{0: a}', "{0: 'a' 1: 'b'}", '__import__("os")', "{0: 'a'"])(
    'takes %s for no names',
    async names => {
      expect((await read({ names }, 2)).classNames).toBeUndefined()
    },
  )
})
