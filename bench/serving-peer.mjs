/**
 * Another program's model behind the same HTTP server and the same decoder of pictures as Fovea's. In: `onnxruntime` or `tfjs`, the path of the
 * model. Out: its address in a line, or nothing where the program is not there (FOVEA_PEER_MODULES names a folder with it).
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { listenerOf } from '@fovea/server/internal/node-server/listener'
import { jsonReply } from '@fovea/server/internal/serving/answers'
import sharp from 'sharp'

const [engine, path = ''] = process.argv.slice(2)
const require = createRequire(join(process.env['FOVEA_PEER_MODULES'] ?? '.', 'package.json'))
const engines = { onnxruntime, tfjs }

async function onnxruntime() {
  const runtime = require('onnxruntime-node')
  const session = await runtime.InferenceSession.create(path, { intraOpNumThreads: 2, interOpNumThreads: 1 })
  const [, channels, height, width] = session.inputMetadata?.[0]?.shape ?? []
  return async (/** @type {Uint8Array} */ file) => {
    const pixels = await decoded(file, channels)
    const planes = new Float32Array(channels * height * width)
    for (let at = 0; at < pixels.length; at++)
      planes[(at % channels) * height * width + Math.floor(at / channels)] = pixels[at] ?? 0
    const feeds = { [session.inputNames[0]]: new runtime.Tensor('float32', planes, [1, channels, height, width]) }
    return (await session.run(feeds))[session.outputNames[0]].data
  }
}

async function tfjs() {
  const tf = require('@tensorflow/tfjs')
  const model = await tf.loadLayersModel({ load: async () => artifacts() })
  const [, height, width, channels] = model.inputs[0].shape
  return async (/** @type {Uint8Array} */ file) => {
    const pixels = await decoded(file, channels)
    return tf.tidy(() => model.predict(tf.tensor(Float32Array.from(pixels), [1, height, width, channels])).dataSync())
  }
}

function artifacts() {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'))
  const files = weightsManifest.flatMap((/** @type {{paths: string[]}} */ { paths }) =>
    paths.map(name => readFileSync(join(path, name))),
  )
  const bytes = Buffer.concat(files)
  return {
    modelTopology,
    weightSpecs: weightsManifest.flatMap((/** @type {{weights: object[]}} */ { weights }) => weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  }
}

/** @param {Uint8Array} file @param {number} channels */
async function decoded(file, channels) {
  const picture = sharp(file)
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .removeAlpha()
  return picture.raw().toBuffer()
}

sharp.concurrency(1)
const own = engines[/** @type {keyof typeof engines} */ (engine)]
const classify = await own().catch((/** @type {Error} */ error) =>
  process.stderr.write(`${error.message.split('\n')[0]}\n`),
)
if (typeof classify === 'function') {
  const server = createServer(
    listenerOf(async question => {
      /** @type {Uint8Array[]} */
      const parts = []
      await question.read(part => parts.push(part))
      const scores = await classify(Buffer.concat(parts))
      const classes = Array.from(scores, (probability, index) => ({ className: String(index), probability }))
      return jsonReply(classes.sort((a, b) => b.probability - a.probability))
    }),
  )
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.stdout.write(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : ''}\n`)
  })
}
