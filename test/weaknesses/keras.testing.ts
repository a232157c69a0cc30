/** Readers of Keras, and of HDF5 in it. */
import { openedBytes } from 'fovea/internal/store/model-formats'
import type { Group } from 'h5wasm'
import { madeHdf5 } from '../../packages/formats/src/containers/made-hdf5.testing.ts'
import { hdf5External } from './hdf5-external.testing.ts'
import { kerasOf, load, refusal, refused, sequentialOf, type Weakness } from './weakness.testing.ts'

const layer = (class_name: string, config: object, more: object = {}): object => ({
  module: 'keras.layers',
  class_name,
  config: { name: 'x', ...config },
  ...more,
})
const lambda = layer('Lambda', {
  function: {
    class_name: '__lambda__',
    config: { code: '4wEAAAAAAAAAAAAAAAEAAAADAAAA8w==', defaults: null, closure: null },
  },
})
const dense = (more: object): object => layer('Dense', { units: 2, ...more })
const function_ = (module: string, name: string): object => ({
  module,
  class_name: 'function',
  config: name,
  registered_name: name,
})
const keras = (...layers: readonly object[]) => refused(kerasOf(sequentialOf(...layers)), 'model.keras')

/** A `.h5` of Keras 2 with this network, and what `build` puts beside it. */
const legacy = (network: object, build: (weights: Group) => void = () => {}) =>
  madeHdf5(file => {
    file.create_attribute('model_config', JSON.stringify(network))
    file.create_attribute('keras_version', '2.12.0')
    const weights = file.create_group('model_weights')
    weights.create_attribute('layer_names', ['x'], [1], 'S1')
    build(weights)
  })
const legacyWeights = (build: (layer: Group) => void) =>
  legacy(sequentialOf(dense({})), weights => {
    const group = weights.create_group('x')
    group.create_attribute('weight_names', ['kernel:0', 'bias:0'], [2], 'S8')
    build(group)
  })

export const ofKeras: readonly Weakness[] = [
  {
    of: 'Keras',
    names: 'CVE-2024-3660',
    was: 'the code of a Lambda layer runs while a model loads',
    here: 'refused: there is no such layer, and its code is text that nobody reads',
    try: () => keras(lambda),
    says: /layers that Fovea does not have: Lambda "x"/,
  },
  {
    of: 'Keras',
    names: 'CVE-2025-9905',
    was: 'in `.h5` files the switch against Lambda layers does nothing',
    here: 'refused: one list of layers for all formats, and no switch',
    try: async () => refused(await legacy(sequentialOf(lambda)), 'model.h5'),
    says: /layers that Fovea does not have: Lambda "x"/,
  },
  {
    of: 'Keras',
    names: 'CVE-2025-1550',
    was: 'a configuration names any module and function of Python, which are called',
    here: 'refused: a class is a word of a closed list',
    try: () => keras(layer('system', { command: 'touch /tmp/x' }, { module: 'os', registered_name: 'system' })),
    says: /layers that Fovea does not have: system "x"/,
  },
  {
    of: 'Keras',
    names: 'CVE-2025-8747',
    was: 'functions of Keras itself (`get_file`) are named where an activation is meant',
    here: 'refused: an activation is one of a closed list',
    try: () => keras(dense({ activation: function_('keras.utils', 'get_file') })),
    says: /Dense "x": [\s\S]*get_?file/i,
  },
  {
    of: 'Keras',
    names: 'CVE-2025-9906',
    was: 'the configuration calls the function that turns safe loading off, then its Lambda',
    here: 'refused: nothing in a file is called',
    try: () => keras(layer('function', {}, { ...function_('keras.config', 'enable_unsafe_deserialization') }), lambda),
    says: /Lambda|does not have|without a class/,
  },
  {
    of: 'Keras',
    names: 'CVE-2025-12058',
    was: 'a vocabulary is a path or an address, which is read while loading',
    here: 'refused: no layer takes a path',
    try: () => keras(layer('StringLookup', { vocabulary: 'http://127.0.0.1:9/x', vocabulary_2: '/etc/passwd' })),
    says: /layers that Fovea does not have: StringLookup "x"/,
  },
  {
    of: 'Keras',
    names: 'CVE-2026-0897',
    was: 'a data set of a few bytes declares a shape of terabytes ("shape bomb")',
    here: 'refused before memory is taken: no more than deflate can unpack of the file',
    async try() {
      const bytes = await legacyWeights(group => {
        const chunks = { chunks: [1, 2 ** 10], compression: 'gzip' as const }
        group.create_dataset({
          name: 'kernel:0',
          data: new Float32Array(2 ** 10),
          shape: [1, 2 ** 10],
          maxshape: [null, 2 ** 10],
          ...chunks,
        })
        ;(group.get('kernel:0') as unknown as { resize(shape: number[]): void }).resize([2 ** 16, 2 ** 10])
        group.create_dataset({ name: 'bias:0', data: new Float32Array(2) })
      })
      return refused(bytes, 'model.h5')
    },
    says: /kernel:0 of 268435456 bytes, in a file of \d+/,
  },
  {
    of: 'Keras',
    names: 'CVE-2026-1669',
    was: 'a data set of HDF5 has its numbers in any file of the machine ("external storage")',
    here: 'refused by the name of that file: while one is read, no other is opened',
    try: async () => refused(await hdf5External('/etc/passwd', 'layers/dense/vars/0'), 'model.weights.h5'),
    says: /"\/etc\/passwd" is another file, which is not followed/,
  },
  {
    of: 'Keras',
    names: 'GHSA-27f4-p4xq-cxg8',
    was: 'external and soft links of HDF5 are followed in `.h5` files',
    here: 'refused by the name of the link',
    async try() {
      const external = await legacyWeights(group => void group.create_external_link('/etc/passwd', '/x', 'kernel:0'))
      const soft = await legacyWeights(group => void group.create_soft_link('/model_weights', 'kernel:0'))
      return `${await refused(external, 'a.h5')}\n${await refused(soft, 'b.h5')}`
    },
    says: /a\.h5: \/model_weights\/x\/kernel:0 is a link[\s\S]*b\.h5: \/model_weights\/x\/kernel:0 is a link/,
  },
  {
    of: 'HDF5',
    names: 'CVE-2025-2153, CVE-2025-2308, CVE-2025-2310, CVE-2025-6269',
    was: 'damaged headers write beyond the library’s memory',
    here: 'refused, or read: the library is WebAssembly, whose memory holds nothing but its own',
    async try() {
      const good = await legacy(sequentialOf(dense({})))
      let told = 0
      for (let at = 0; at < Math.min(good.length, 1500); at += 5)
        if ((await refused(good.with(at, good[at]! ^ 0xff), 'model.h5')) !== 'it is read') told++
      return `${told} told`
    },
    says: /^\d\d+ told$/,
  },
  {
    of: 'HDF5',
    names: 'without a number',
    was: 'groups hold each other, so that a walk through them never ends',
    here: 'refused: what is looked into is counted, and the more the deeper it lies',
    async try() {
      const bytes = await madeHdf5(file => {
        const layers = file.create_group('layers')
        for (const name of ['a', 'b', 'c']) layers.create_hard_link('/layers', name)
      })
      return refusal(() => load(openedBytes(bytes, 'model.weights.h5')))
    },
    says: /too many groups, or groups in circles/,
  },
]
