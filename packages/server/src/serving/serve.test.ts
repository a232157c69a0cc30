/** Requests without a socket: what every protocol answers, and how what is wrong is said. */
import { encodePng } from '@fovea/pictures/internal/encode'
import type { Classifier } from 'fovea'
import { afterAll, describe, expect, test } from 'vitest'
import { boundedAdmission } from './admission.ts'
import type { Catalogue, Servable } from './contract.ts'
import { questionOf } from './over-requests.ts'
import { createAnswering, serve } from './serve.ts'
import { classNames, colours, halfPlusTwo, plainPicture } from './served.testing.ts'

const model = colours()
const handle = serve({ colours: model as Classifier, half_plus_two: halfPlusTwo })
const alone = serve(model as Classifier)
afterAll(() => model.dispose())

const red = plainPicture(250, 10, 30)
const file = new Uint8Array(await encodePng({ width: 4, height: 4, channels: 3, data: Uint8Array.from(red.data) }))
const base64 = Buffer.from(file).toString('base64')

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const isBytes = body instanceof Uint8Array || body instanceof FormData
  const response = await handle(
    new Request(`http://here${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: isBytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    }),
  )
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}
const json = { 'content-type': 'application/json' }
const numbers = Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => [250, 10, 30]))
const direct = [...(await model.predict({ shape: [1, 4, 4, 3], data: Uint8Array.from(red.data) })).data]
const answer = await model.classify(file)

describe('a picture is the body', () => {
  test('its classes are the answer, by POST and PUT, with the name of a file and without', async () => {
    for (const [method, path] of [
      ['POST', '/models/colours'],
      ['PUT', '/models/colours/cat.jpg'],
      ['POST', '/models/colours/versions/1'],
    ] as const) {
      const { status, body } = await ask(method, path, file)
      expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(answer))])
    }
    for (const path of ['/', '/cat.jpg']) {
      const response = await alone(new Request(`http://here${path}`, { method: 'PUT', body: file }))
      expect(await response.json()).toEqual(JSON.parse(JSON.stringify(answer)))
    }
  })

  test('top, forms with one file and several, JSON with files and with bytes', async () => {
    const best = (await ask('POST', '/models/colours?top=1', file)).body
    expect(best).toEqual([answer[0]])
    const form = new FormData()
    form.append('file', new Blob([file]), 'a.png')
    expect((await ask('POST', '/models/colours', form)).body).toEqual(answer)
    form.append('file', new Blob([file]), 'b.png')
    expect((await ask('POST', '/models/colours', form)).body).toEqual([answer, answer])
    for (const picture of [base64, `data:image/png;base64,${base64}`, red])
      expect((await ask('POST', '/models/colours', { picture }, json)).body).toEqual(answer)
    expect((await ask('POST', '/models/colours', { pictures: [red, base64] }, json)).body).toEqual([answer, answer])
  })
})

describe('TensorFlow Serving', () => {
  const predict = '/v1/models/colours:predict'

  test('the example of its documentation: half plus two', async () => {
    const { status, body } = await ask('POST', '/v1/models/half_plus_two:predict', { instances: [1, 2, 5] })
    expect([status, body]).toEqual([200, { predictions: [2.5, 3, 4.5] }])
    const columns = await ask('POST', '/v1/models/half_plus_two:predict', { inputs: { x: [1, 2, 5] } })
    expect(columns.body).toEqual({ outputs: [2.5, 3, 4.5] })
  })

  test('rows and columns, with the bits of predict, from numbers and from files', async () => {
    const name = model.model.inputs[0]!.name
    const bodies = [{ instances: [numbers] }, { instances: [{ [name]: numbers }] }, { instances: [{ b64: base64 }] }]
    for (const body of bodies) {
      const { predictions } = (await ask('POST', predict, body)).body
      expect(predictions.map((row: number[]) => row.map(Math.fround))).toEqual([direct])
    }
    for (const inputs of [[numbers], { [name]: [numbers, numbers] }]) {
      const { outputs } = (await ask('POST', predict, { inputs, signature_name: 'serving_default' })).body
      expect(outputs[0].map(Math.fround)).toEqual(direct)
    }
  })

  test('classes with their labels', async () => {
    const { body } = await ask('POST', '/v1/models/colours:classify', {
      examples: [{ image: numbers }, { image: red.data }, { image: { b64: base64 } }].slice(0, 2),
    })
    const row = classNames.map((label, index) => [label, expect.closeTo(direct[index]!, 6)])
    expect(body).toEqual({ results: [row, row] })
  })

  test('state, metadata, the list of models', async () => {
    expect((await ask('GET', '/v1/models')).body).toEqual({ models: ['colours', 'half_plus_two'] })
    const state = { version: '1', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } }
    for (const place of ['', '/versions/1'])
      expect((await ask('GET', `/v1/models/colours${place}`)).body).toMatchObject({
        ready: true,
        model_version_status: [state],
      })
    const { metadata, model_spec } = (await ask('GET', '/v1/models/colours/versions/1/metadata')).body
    expect(model_spec).toEqual({ name: 'colours', signature_name: '', version: '1' })
    const [input] = Object.values(metadata.signature_def.signature_def.serving_default.inputs)
    expect(input).toMatchObject({
      dtype: 'DT_FLOAT',
      tensor_shape: { dim: ['-1', '4', '4', '3'].map(size => ({ size })), unknown_rank: false },
    })
  })

  test.each([
    ['/v1/models/cats:predict', { instances: [1] }, 404, "There is no model 'cats' here"],
    ['/v1/models/colours/versions/7:predict', { instances: [1] }, 404, 'no version 7'],
    ['/v1/models/colours/labels/stable:predict', { instances: [1] }, 404, "no label 'stable'"],
    [predict, {}, 400, 'either "instances" (rows) or "inputs" (columns)'],
    [predict, { instances: [numbers], inputs: [numbers] }, 400, 'either'],
    [predict, { instances: [] }, 400, 'at least one row'],
    [predict, { instances: [[1, 2]] }, 400, 'the shape (4, 4, 3)'],
    [predict, { instances: [{ y: numbers }] }, 400, 'received y'],
    [predict, { instances: [numbers], signature_name: 'other' }, 400, 'There is no signature "other"'],
    [predict, { instances: [{ b64: '###' }] }, 400, 'Picture 0 is no base64'],
    [predict, { instances: [{ b64: 'AAAA' }] }, 400, 'picture'],
    ['/v1/models/colours:regress', { examples: [] }, 400, 'is a classifier'],
    ['/v1/models/colours:classify', { examples: [{}] }, 400, 'Example 0'],
    ['/v1/models/colours:explain', { instances: [numbers] }, 501, 'without explanations'],
  ])('%s %j: %i, %s', async (path, body, status, text) => {
    const found = await ask('POST', path, body)
    expect([found.status, found.body]).toEqual([status, { error: expect.stringContaining(text) }])
  })
})

describe('Open Inference Protocol', () => {
  const infer = '/v2/models/colours/infer'
  const tensor = { name: 'input', datatype: 'FP32', shape: [1, 4, 4, 3], data: red.data }

  test('server, health, models', async () => {
    expect((await ask('GET', '/v2')).body).toMatchObject({ name: 'fovea', extensions: expect.any(Array) })
    expect((await ask('GET', '/v2/health/live')).body).toEqual({ live: true })
    expect((await ask('GET', '/v2/health/ready')).body).toEqual({ ready: true })
    expect((await ask('GET', '/v2/models/colours/ready')).body).toEqual({ name: 'colours', ready: true })
    const { body } = await ask('GET', '/v2/models/colours')
    expect(body).toMatchObject({
      name: 'colours',
      versions: ['1'],
      inputs: [{ datatype: 'FP32', shape: [-1, 4, 4, 3] }],
    })
    expect((await ask('GET', '/v2/models/colours/versions/1/config')).body.input[0].dims).toEqual([4, 4, 3])
    expect((await ask('POST', '/v2/repository/index')).body).toContainEqual({
      name: 'colours',
      version: '1',
      state: 'READY',
      reason: '',
    })
  })

  test('tensors in JSON: flat and nested, of any type, with id and chosen outputs', async () => {
    const output = model.model.outputs[0]!.name
    for (const input of [tensor, { ...tensor, data: [numbers] }, { ...tensor, datatype: 'UINT8' }]) {
      const { body } = await ask('POST', infer, { id: '7', inputs: [input], outputs: [{ name: output }] })
      expect(body).toMatchObject({ id: '7', model_name: 'colours', model_version: '1' })
      expect(body.outputs).toEqual([
        { name: output, datatype: 'FP32', shape: [1, 3], data: direct.map(value => expect.closeTo(value, 7)) },
      ])
      expect(body.outputs[0].data.map(Math.fround)).toEqual(direct)
    }
    const files = { name: 'input', datatype: 'BYTES', shape: [2], data: [base64, base64] }
    const { body } = await ask('POST', infer, { inputs: [files] })
    expect(body.outputs[0].data.map(Math.fround)).toEqual([...direct, ...direct])
  })

  test('tensors behind the JSON, in and out', async () => {
    const head = new TextEncoder().encode(
      JSON.stringify({
        inputs: [{ ...tensor, data: undefined, parameters: { binary_data_size: 192 } }],
        parameters: { binary_data_output: true },
      }),
    )
    const body = new Uint8Array(await new Blob([head, Float32Array.from(red.data)]).arrayBuffer())
    const headers = { 'Inference-Header-Content-Length': String(head.length) }
    const response = await handle(new Request(`http://here${infer}`, { method: 'POST', headers, body }))
    const bytes = new Uint8Array(await response.arrayBuffer())
    const length = Number(response.headers.get('inference-header-content-length'))
    const { outputs } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, length)))
    expect(outputs).toMatchObject([{ shape: [1, 3], parameters: { binary_data_size: 12 } }])
    expect([...new Float32Array(bytes.slice(length).buffer)]).toEqual(direct)
  })

  test('classes: value, number, label, as Triton writes them', async () => {
    const output = model.model.outputs[0]!.name
    const outputs = [{ name: output, parameters: { classification: 2 } }]
    const { body } = await ask('POST', infer, { inputs: [tensor], outputs })
    const text = answer
      .slice(0, 2)
      .map(
        ({ className, probability }) =>
          `${Math.fround(probability).toFixed(6)}:${classNames.indexOf(className)}:${className}`,
      )
    expect(body.outputs).toEqual([{ name: output, datatype: 'BYTES', shape: [1, 2], data: text }])
  })

  test.each([
    [{ inputs: [] }, 'list of tensors'],
    [{ inputs: [{ name: 'a' }] }, 'inputs[0] has to have name, datatype and shape'],
    [{ inputs: [{ ...tensor, shape: [1, 4, 4, 4] }] }, 'the model takes (None, 4, 4, 3)'],
    [{ inputs: [{ ...tensor, shape: [2 ** 40, 4, 4, 3] }] }, 'Input input'],
    [{ inputs: [{ ...tensor, datatype: '__proto__' }] }, 'of the type __proto__'],
    [{ inputs: [{ ...tensor, data: [1, 2] }] }, 'something else than 48 numbers of its type'],
    [{ inputs: [{ ...tensor, data: 'x' }] }, 'something else than 48 numbers of its type'],
    [{ inputs: [{ ...tensor, datatype: 'UINT8', data: red.data.map(() => 300) }] }, 'something else'],
    [{ inputs: [tensor, tensor] }, 'The inputs are'],
    [{ inputs: [tensor], outputs: [{ name: 'z' }] }, 'The outputs are'],
    [{ inputs: [{ ...tensor, parameters: { binary_data_size: 8 } }] }, '0 are left'],
    [{ inputs: [{ name: 'input', datatype: 'BYTES', shape: [3], data: [base64] }] }, 'its shape makes 3'],
  ])('%j: %s', async (body, text) => {
    const found = await ask('POST', infer, body)
    expect([found.status, found.body]).toEqual([400, { error: expect.stringContaining(text) }])
  })
})

describe('what is refused', () => {
  test('addresses, methods, bodies', async () => {
    expect((await ask('GET', '/nothing')).status).toBe(404)
    const wrong = await ask('GET', '/v1/models/colours:predict')
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await ask('POST', '/', file)).body.error).toContain('Which model?')
    expect((await ask('POST', '/models/colours')).status).toBe(400)
    expect((await ask('POST', '/models/colours', new TextEncoder().encode('no picture'))).status).toBe(400)
    expect((await ask('POST', '/models/colours?top=x', file)).status).toBe(400)
    expect((await ask('POST', '/models/colours', file, { 'content-encoding': 'gzip' })).status).toBe(415)
    const text = (body: string) => ask('POST', '/models/colours', new TextEncoder().encode(body), json)
    expect((await text('{"picture"')).body.error).toMatch(/^The body is no JSON/)
    expect((await text('{"picture":1,"picture":2}')).body.error).toContain('not taken')
    expect((await text(`${'['.repeat(100)}${']'.repeat(100)}`)).body.error).toContain('not taken')
    expect((await text('{"__proto__":{"picture":1}}')).body.error).toContain('__proto__')
  })

  test('a body that is larger than allowed, whatever it says of its length', async () => {
    const small = serve(model as Classifier, { maxBytes: 1000 })
    const stream = (length: number) => {
      let left = length
      return new ReadableStream({
        pull(controller) {
          left -= 400
          controller.enqueue(new Uint8Array(400))
          if (left <= 0) controller.close()
        },
      })
    }
    const put = (body: ReadableStream) =>
      small(new Request('http://here/', { method: 'PUT', body, duplex: 'half' } as RequestInit))
    expect((await put(stream(4000))).status).toBe(413)
    expect((await put(stream(800))).status).toBe(400)
  })

  test('pages of other sites ask only where they may', async () => {
    const question = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
    const from = (origin: string, origins?: '*' | readonly string[], method = 'PUT') =>
      serve(model as Classifier, { origins })(
        new Request('http://here/', {
          method,
          headers: { origin, ...(method === 'OPTIONS' && question) },
          ...(method === 'PUT' && { body: file }),
        }),
      )
    const [mine, other] = ['https://mine.example', 'https://other.example']
    const allowed = (response: Response) => response.headers.get('access-control-allow-origin')
    expect(allowed(await from(mine))).toBe(null)
    expect((await from(mine, undefined, 'OPTIONS')).status).toBe(405)
    expect(allowed(await from(other, [mine]))).toBe(null)
    expect((await from(other, [mine], 'OPTIONS')).status).toBe(405)
    const answered = await from(mine, [mine])
    expect([answered.status, allowed(answered), answered.headers.get('vary')]).toEqual([200, mine, 'origin'])
    expect(allowed(await from(other, '*'))).toBe('*')
    const asked = await from(mine, [mine], 'OPTIONS')
    expect([asked.status, allowed(asked)]).toEqual([204, mine])
    expect(asked.headers.get('access-control-allow-headers')).toContain('inference-header-content-length')
    for (const origins of ['mine.example', ['mine.example'], ['https://mine.example/'], [7]])
      expect(() => serve(model as Classifier, { origins: origins as never })).toThrow('origins')
  })

  test('a body that breaks off', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('connection lost'))
      },
    })
    const response = await alone(new Request('http://here/', { method: 'PUT', body, duplex: 'half' } as RequestInit))
    expect([response.status, await response.json()]).toEqual([400, { error: 'The body broke off before its end.' }])
  })

  test('short rows of a large input take no memory', async () => {
    const large: Servable = {
      ...halfPlusTwo,
      model: { ...halfPlusTwo.model, inputs: [{ name: 'x', shape: [4096, 4096, 3] }] },
    }
    const body = JSON.stringify({ instances: Array.from({ length: 100_000 }, () => 0) })
    // 20 TB, if it were believed.
    const response = await serve(large)(new Request('http://here/v1/models/model:predict', { method: 'POST', body }))
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: expect.stringContaining('(4096, 4096, 3)') },
    ])
  })

  test('more pictures than are taken at once, however small', async () => {
    const dot = { width: 1, height: 1, data: [1, 2, 3] }
    const many = <T>(item: T, length = 513) => Array.from({ length }, () => item)
    const files = { name: 'input', datatype: 'BYTES', shape: [513], data: many(base64) }
    for (const [path, body] of [
      ['/models/colours', { pictures: many(dot) }],
      ['/v1/models/colours:predict', { instances: many({ b64: base64 }) }],
      ['/v2/models/colours/infer', { inputs: [files] }],
    ] as const) {
      const found = await ask('POST', path, body, json)
      expect([found.status, found.body.error]).toEqual([413, expect.stringContaining('513 pictures, and may have 512')])
    }
    expect((await ask('POST', '/models/colours', { pictures: many(dot, 512) }, json)).body).toHaveLength(512)
    // Numbers are bounded by the body.
    expect((await ask('POST', '/v1/models/half_plus_two:predict', { instances: many(1) })).status).toBe(200)
  })

  test('explanations: pictures are bytes, and those that nobody waits for are not computed', async () => {
    let explained = 0
    const client = new AbortController()
    const asking = serve({
      model: model.model,
      classNames,
      predict: halfPlusTwo.predict,
      classify: model.classify,
      async explain() {
        explained++
        client.abort()
        return { method: 'grad-cam', className: 'red', probability: 1, width: 1, height: 1, values: [1] }
      },
    })
    const explain = (instances: unknown, signal: AbortSignal | null = null) => {
      const body = JSON.stringify({ instances })
      return asking(new Request('http://here/v1/models/model:explain', { method: 'POST', body, signal }))
    }
    const between = numbers.map(row => row.map(pixel => pixel.map(value => value / 255)))
    const refused = await explain([between])
    expect([refused.status, await refused.json()]).toEqual([400, { error: expect.stringContaining('than bytes') }])
    expect(explained).toBe(0)
    expect((await explain([numbers, numbers, numbers], client.signal)).status).toBe(499)
    expect(explained).toBe(1)
  })

  test('what was answered or refused makes room for the bodies of others', async () => {
    const body = new Uint8Array(31e6)
    for (let count = 0; count < 12; count++) {
      const response = await alone(new Request('http://here/', { method: 'PUT', body }))
      expect(response.status).toBe(400)
    }
  })

  test('nothing to serve, names that addresses cannot have', () => {
    expect(() => serve({})).toThrow('There is nothing to serve')
    expect(() => serve({ a: {} as never })).toThrow('a model')
    expect(() => serve({ 'a/b': model as Classifier })).toThrow('a name without')
    expect(() => serve(model as Classifier, { maxBatch: 0 })).toThrow('maxBatch')
  })
})

test('a model that computes past the deadline is held until it has ended', async () => {
  let [released, end] = [0, (): void => {}]
  const slow: Servable = {
    ...halfPlusTwo,
    predict: () => new Promise((_, reject) => (end = () => reject(new Error('too late')))),
  }
  const catalogue: Catalogue = {
    names: () => ['slow'],
    versions: () => [{ version: '1', state: 'AVAILABLE', labels: [] }],
    lease: name => ({ name, version: '1', servable: slow, release: () => void released++ }),
    isReady: () => true,
  }
  const answer = createAnswering({
    catalogue,
    admission: boundedAdmission({ timeout: 0.01 }),
    watch: { stage: () => {}, asked: () => {}, answered: () => {} },
    mostBytes: 1000,
    version: '1',
    isEnding: () => false,
  })
  const body = JSON.stringify({ instances: [1] })
  const asked = new Request('http://here/v1/models/slow:predict', { method: 'POST', body })
  expect((await answer(questionOf(asked))).status).toBe(504)
  expect(released).toBe(0)
  end()
  await new Promise(resolve => setTimeout(resolve))
  expect(released).toBe(1)
})
