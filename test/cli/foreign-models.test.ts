/** Models of other programs wherever a MODEL is named: asked, summarised, measured by the same words, and their notes told. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { zipOf } from '../../packages/formats/src/containers/zip-writer.ts'
import { dense, flatten, sequential, writePng } from '../../packages/fovea/src/index.ts'
import { callFovea } from './fovea-call.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-others-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = (...parts: string[]): string => join(folder, ...parts)

beforeAll(async () => {
  const model = sequential([flatten({ inputShape: [6, 6, 3] }), dense({ units: 2, activation: 'softmax' })])
  model.classNames = ['dark', 'light']
  await model.save(path('own.keras'))
  await model.save(path('web', 'model.json'))
  // Without Fovea's own words, as others write it.
  const { userDefinedMetadata: _, ...json } = JSON.parse(readFileSync(path('web', 'model.json'), 'utf8'))
  const text = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
  const archive = await zipOf({
    'model.json': text(json),
    [json.weightsManifest[0].paths[0]]: readFileSync(path('web', json.weightsManifest[0].paths[0])),
    'metadata.json': text({ tmVersion: '2.4.4', labels: ['Dunkel', 'Hell'] }),
  })
  writeFileSync(path('taught.zip'), archive)
  mkdirSync(path('two'))
  for (const name of ['a.keras', 'b.keras']) writeFileSync(path('two', name), readFileSync(path('own.keras')))
  await writePng(path('grey.png'), { width: 9, height: 6, channels: 3, data: new Uint8Array(162).fill(99) })
})

describe('predict', () => {
  it.each([
    ['a file of Keras', 'own.keras', ['dark', 'light']],
    ['a folder of TensorFlow.js', 'web', ['dark', 'light']],
    ['an archive of Teachable Machine', 'taught.zip', ['Dunkel', 'Hell']],
  ])('%s', async (_, name, classNames) => {
    const { code, stdout, stderr } = await callFovea(['predict', path(name), path('grey.png'), '--json'])
    expect(code).toBe(0)
    const { predictions } = JSON.parse(stdout)
    expect(classNames).toContain(predictions[0].className)
    expect(predictions[0].notes).toEqual(['only the middle was looked at: 6×6 of 9×6'])
    if (name === 'taught.zip') expect(stderr).toMatch(/Note: It is a model of Teachable Machine: a rescaling layer/)
    else expect(stderr).not.toMatch(/Teachable/)
  })

  it('asks several models together, whatever their formats, and wants a picture', async () => {
    const none = await callFovea(['predict', path('own.keras'), path('taught.zip')])
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/about no picture[\s\S]*2 models/)])
    const twice = await callFovea(['predict', path('own.keras'), path('own.keras'), path('grey.png')])
    expect([twice.code, twice.stderr]).toEqual([1, expect.stringMatching(/own\.keras is named twice/)])
  })

  it('a folder with several models lists them', async () => {
    const { code, stderr } = await callFovea(['predict', path('two'), path('grey.png')])
    expect(code).toBe(1)
    expect(stderr).toMatch(/two holds several models[\s\S]*a\.keras, b\.keras/)
  })
})

describe('summary', () => {
  it.each(['own.keras', 'web', join('web', 'model.json'), 'taught.zip'])('%s', async name => {
    const { code, stdout } = await callFovea(['summary', path(name), '--json'])
    expect(code).toBe(0)
    const { layers, params } = JSON.parse(stdout)
    expect(params.total).toBe(218)
    expect(layers[0].type).toBe(name === 'taught.zip' ? 'Rescaling' : 'Flatten')
  })
})
