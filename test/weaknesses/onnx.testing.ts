/** Readers of ONNX, PyTorch and safetensors. */
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exportOnnx } from '@fovea/formats'
import { parsePickle } from 'fovea/internal/data/pickle'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { dense } from 'fovea/internal/layers/dense'
import { modelToConfig } from 'fovea/internal/network/config'
import { sequential } from 'fovea/internal/network/sequential'
import { openedFile } from 'fovea/internal/store/opened-file'
import type { Field } from 'fovea/internal/store/protobuf'
import { message } from 'fovea/internal/store/protobuf'
import { node, onnxBytes, tensor, value } from '../../packages/formats/src/onnx/onnx-bytes.testing.ts'
import { zipped } from '../../packages/fovea/src/host/node/pickled.testing.ts'
import { joined } from '../fuzz/mutate-bytes.ts'
import { load, refusal, refused, type Weakness } from './weakness.testing.ts'

const pair = (key: string, text: string): Uint8Array =>
  message([
    [1, 'text', key],
    [2, 'text', text],
  ])

/** A dense layer whose weight lies in another file. */
const external = (location: string): Uint8Array => {
  const more: readonly Field[] = [
    [13, 'bytes', pair('location', location)],
    [14, 'int', 1],
  ]
  return onnxBytes({
    nodes: [node('MatMul', ['x', 'w'], ['y'])],
    initializers: [tensor({ name: 'w', dims: [2, 2], more })],
    inputs: [value('x', ['batch', 2])],
    outputs: [value('y', ['batch', 2])],
  })
}

/** The model in a folder below the one of the attempt, where a secret lies. */
async function inModelFolder(folder: string, location: string, prepare: (model: string, secret: string) => void) {
  const model = join(folder, 'model')
  const secret = join(folder, 'secret')
  mkdirSync(model)
  writeFileSync(secret, new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer))
  prepare(model, secret)
  writeFileSync(join(model, 'model.onnx'), external(location))
  return refusal(async () => load(await openedFile(nodeFiles, join(model, 'model.onnx'))))
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, sign => sign.charCodeAt(0))
const pickle = (text: string): Promise<string> => refusal(() => parsePickle(ascii(text), 'data.pkl'))
const outside = /names a file outside of its folder, which is not read/

function safetensors(header: string, data: number): Uint8Array {
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(header.length), true)
  return joined(size, ascii(header), new Uint8Array(data))
}
const entry = (begin: number, end: number, shape = '[1]'): string =>
  `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`

export const ofOnnx: readonly Weakness[] = [
  {
    of: 'ONNX',
    names: 'CVE-2022-25882',
    was: 'weights are read from a path that begins with `../`',
    here: 'refused: a path has no step upwards',
    try: folder => inModelFolder(folder, '../secret', () => {}),
    says: outside,
  },
  {
    of: 'ONNX',
    names: 'CVE-2024-27318',
    was: 'the same with a folder before it, `a/../../`',
    here: 'refused, wherever in the path it stands',
    try: folder => inModelFolder(folder, 'a/../../secret', model => mkdirSync(join(model, 'a'))),
    says: outside,
  },
  {
    of: 'ONNX',
    names: 'CVE-2026-27489',
    was: 'a symbolic link in the folder leads out of it',
    here: 'refused: where a file really lies is asked',
    try: folder => inModelFolder(folder, 'w', (model, secret) => symlinkSync(secret, join(model, 'w'))),
    says: outside,
  },
  {
    of: 'ONNX',
    names: 'CVE-2026-34447',
    was: 'a folder in the path is the symbolic link',
    here: 'refused for the same reason',
    try: folder =>
      inModelFolder(folder, 'sub/secret', (model, secret) => symlinkSync(dirname(secret), join(model, 'sub'))),
    says: outside,
  },
  {
    of: 'ONNX',
    names: 'CVE-2026-34446',
    was: 'a hard link in the folder is a file of elsewhere',
    here: 'read: who can make such a link can read the file, and package managers keep whole packages as hard links',
    try: folder => inModelFolder(folder, 'w', (model, secret) => linkSync(secret, join(model, 'w'))),
    says: /^it is read$/,
  },
  {
    of: 'ONNX',
    names: 'CVE-2024-27319',
    was: 'a tensor shorter than its shape is read beyond its end',
    here: 'refused: numbers are counted against the shape',
    try: () =>
      refused(
        onnxBytes({
          nodes: [node('MatMul', ['x', 'w'], ['y'])],
          initializers: [tensor({ name: 'w', dims: [2, 2], raw: new Uint8Array(12) })],
          inputs: [value('x', ['batch', 2])],
          outputs: [value('y', ['batch', 2])],
        }),
        'model.onnx',
      ),
    says: /tensor 'w' \(2, 2\) has 3 numbers/,
  },
  {
    of: 'ONNX',
    names: 'CVE-2025-51480',
    was: 'saving writes to the path that a tensor names',
    here: 'nothing is written but the file that was named: weights lie in it, and names are text',
    async try() {
      const network = sequential([dense({ units: 2, inputShape: [2], name: 'escaped' })])
      const weights = network.weights.map(({ name, shape }) => ({
        name,
        shape,
        data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
      }))
      const bytes = await exportOnnx({ model: JSON.parse(JSON.stringify(modelToConfig(network))), weights })
      return `bytes in memory: ${bytes.length > 100}`
    },
    says: /^bytes in memory: true$/,
  },
  {
    of: 'ONNX',
    names: 'without a number',
    was: 'an operator makes billions of numbers of a constant of a few bytes',
    here: 'refused: what is computed while reading is counted, 1 GiB and some times what the file holds',
    try: () =>
      refused(
        onnxBytes({
          nodes: [node('ConstantOfShape', ['s'], ['w']), node('MatMul', ['x', 'w'], ['y'])],
          initializers: [
            tensor({ name: 's', dims: [2], type: 7, raw: new Uint8Array(BigInt64Array.of(32768n, 32768n).buffer) }),
          ],
          inputs: [value('x', ['batch', 32768])],
          outputs: [value('y', ['batch', 32768])],
        }),
        'model.onnx',
      ),
    says: /constants become too many numbers/,
  },
  {
    of: 'PyTorch',
    names: 'CVE-2025-32434',
    was: 'a `.pt` file runs code although `weights_only` is set',
    here: 'refused: files of pickles are no models here; in pickles of data sets a name that is not known is told',
    async try() {
      const file = zipped([['archive/data.pkl', ascii('\x80\x02cos\nsystem\nX\x02\0\0\0idR.')]])
      return `${await refused(file, 'model.pt')}\n${await pickle('\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.')}`
    },
    says: /is not a model that can be read[\s\S]*PyTorch[\s\S]*the name os\.system, which is not used here/,
  },
  {
    of: 'PyTorch',
    names: 'CVE-2026-24747',
    was: 'instructions on values of another kind, and sizes that do not agree with their storage, damage memory',
    here: 'refused: each instruction asks what it is given, and each array is as long as its shape',
    async try() {
      const item = await pickle('\x80\x02]K\x01K\x02s.')
      const array = await pickle(
        '\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R(K\x01J\xff\xff\xff\x7f\x85cnumpy\ndtype\nU\x02u1\x85R\x89U\x01atb.',
      )
      return `${item}\n${array}`
    },
    says: /a damaged file[\s\S]*an array of 1 bytes for the shape 2147483647/,
  },
  {
    of: 'PyTorch',
    names: 'CVE-2022-45907',
    was: 'a line of types in TorchScript is evaluated as Python',
    here: 'refused: TorchScript is not read',
    try: () =>
      refused(
        zipped([
          ['archive/code/__torch__.py', ascii('# type: (__import__("os")) -> int')],
          ['archive/data.pkl', ascii('\x80\x02N.')],
        ]),
        'script.pt',
      ),
    says: /is not a model that can be read/,
  },
  {
    of: 'safetensors',
    names: 'audit of 2023 (TOB-SFTN)',
    was: 'a name twice in the header, which two readers take for another tensor',
    here: 'refused by the name',
    try: () => refused(safetensors(`{"a":${entry(0, 4)},"a":${entry(4, 8)}}`, 8), 'm.safetensors'),
    says: /its header has the key "a" twice/,
  },
  {
    of: 'safetensors',
    names: 'audit of 2023 (TOB-SFTN)',
    was: 'bytes that no tensor covers, or two do: a file that is something else as well',
    here: 'refused: tensors follow one another from the first byte to the last',
    async try() {
      const gap = await refused(safetensors(`{"a":${entry(0, 4)},"b":${entry(8, 12)}}`, 12), 'm.safetensors')
      const behind = await refused(safetensors(`{"a":${entry(0, 4)}}`, 20), 'm.safetensors')
      return `${gap}\n${behind}`
    },
    says: /overlaps or leaves a gap[\s\S]*does not agree with its header/,
  },
  {
    of: 'safetensors',
    names: 'audit of 2023 (TOB-SFTN)',
    was: 'extents whose product wraps around, or a header said to be longer than the file',
    here: 'refused: products are exact, and lengths compared before memory is taken',
    async try() {
      const wraps = await refused(safetensors(`{"a":${entry(0, 4, '[4294967296,4294967296,1]')}}`, 4), 'm.safetensors')
      const long = safetensors('{}', 0)
      new DataView(long.buffer).setBigUint64(0, 90_000_000n, true)
      return `${wraps}\n${await refused(long, 'm.safetensors')}`
    },
    says: /larger than any file[\s\S]*its header is longer than the file/,
  },
]
