/** A network of an ONNX file is one like any other: it trains on, explains itself, and is saved with the same bits. */
import { gradCamOf, loadModel, openModel } from 'fovea'
import { describe, expect, it } from 'vitest'
import { numbers, smallClassifier } from './onnx-bytes.testing.ts'

const samples = { shape: [16, 8, 8, 3], data: numbers(16 * 192) }
const labels = Array.from({ length: 16 }, (_, at) => at % 4)

describe('a network of an ONNX file', () => {
  it('trains on', async () => {
    const model = await loadModel(smallClassifier())
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
    const before = await model.evaluate(samples, labels)
    await model.fit(samples, labels, { epochs: 20, batchSize: 8, verbose: 0 })
    const after = await model.evaluate(samples, labels)
    expect(after['loss']).toBeLessThan(before['loss']! * 0.9)
    await model.dispose()
  })

  it('is saved as safetensors and comes back with the same bits', async () => {
    const model = await loadModel(smallClassifier())
    const again = await loadModel(await model.toBytes())
    expect(again.classNames).toEqual(['a', 'b', 'c', 'd'])
    expect((await again.predict(samples)).data).toEqual((await model.predict(samples)).data)
    await Promise.all([model.dispose(), again.dispose()])
  })

  it('is explained by Grad-CAM', async () => {
    const model = await loadModel(smallClassifier())
    const { layer, map } = await gradCamOf(await openModel(model), numbers(192), 'b')
    expect(layer).toBe('conv1')
    expect([map.height, map.width]).toEqual([8, 8])
    expect(Math.max(...map.data)).toBeGreaterThan(0)
    await model.dispose()
  })
})
