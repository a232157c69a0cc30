/**
 * What clients of other servers send, call by call, and what they read from the answers. The calls are written down after the published
 * sources of the clients (`tritonclient` 2, `kserve`'s InferenceRESTClient) and the examples of the documentations of TensorFlow Serving,
 * KServe and Triton; each test reads its answer as that client does. The models compute what the examples' models compute.
 */
import { encodePng } from '@fovea/pictures/internal/encode'
import { describe, expect, test } from 'vitest'
import type { Servable, ServedRows } from './contract.ts'
import { serve } from './serve.ts'
import { halfPlusTwo } from './served.testing.ts'

const float32 = (values: readonly number[]) => Float32Array.from(values)
const fails = (() => Promise.reject(new Error('it knows no classes'))) as Servable['classify']

/** Of Triton's documentation of classes: four numbers for each row of two. */
const mymodel: Servable = {
  model: { inputs: [{ name: 'input0', shape: [2] }], outputs: [{ name: 'output0', shape: [4] }] },
  classNames: undefined,
  async predict(x) {
    const rows = (x as ServedRows).shape[0]!
    return { shape: [rows, 4], data: float32(Array.from({ length: rows }, () => [1.1, 3.3, 0.5, 2.4]).flat()) }
  },
  classify: fails,
}

/** What no probability is. */
const odd: Servable = {
  ...mymodel,
  predict: async () => ({ shape: [1, 4], data: float32([Number.NaN, Number.POSITIVE_INFINITY, -1e30, 16777216]) }),
}

/** Two inputs and two outputs: their sum and their difference, as Triton's `simple`. */
const simple: Servable = {
  ...mymodel,
  model: {
    inputs: ['INPUT0', 'INPUT1'].map(name => ({ name, shape: [4] })),
    outputs: ['OUTPUT0', 'OUTPUT1'].map(name => ({ name, shape: [4] })),
  },
  async predict(x) {
    const { INPUT0: a, INPUT1: b } = x as Readonly<Record<string, ServedRows>>
    const each = (make: (left: number, right: number) => number) => ({
      shape: a!.shape,
      data: Float32Array.from(a!.data, (value, index) => make(value, b!.data[index]!)),
    })
    return [each((left, right) => left + right), each((left, right) => left - right)]
  },
}

const classNames = ['cat', 'dog']
/** Sees a cat in everything, with more certainty the more bytes it is. */
const animals: Servable = {
  model: { inputs: [{ name: 'image', shape: [2, 2, 3] }], outputs: [{ name: 'probabilities', shape: [2] }] },
  classNames,
  predict: async () => ({ shape: [1, 2], data: float32([0.75, 0.25]) }),
  classify: (async (pictures: readonly unknown[]) =>
    pictures.map(() => [
      { className: 'dog', probability: Math.fround(0.6) },
      { className: 'cat', probability: Math.fround(0.4) },
    ])) as unknown as Servable['classify'],
  explain: async (_, { method = 'grad-cam' }) => ({
    method,
    className: 'cat',
    probability: 0.75,
    width: 2,
    height: 1,
    values: [0.5, 1],
  }),
}

const handle = serve({ half_plus_two: halfPlusTwo, mymodel, odd, simple, animals })

async function send(method: string, path: string, body?: string | Uint8Array, headers: Record<string, string> = {}) {
  const init = { method, headers, ...(body !== undefined && { body: body as string }) }
  return handle(new Request(`http://here${path}`, init))
}

describe("curl, as TensorFlow Serving's documentation has it", () => {
  /** `curl -d` calls everything a form. */
  const curl = { 'user-agent': 'curl/8.5.0', accept: '*/*', 'content-type': 'application/x-www-form-urlencoded' }
  const post = (path: string, body: string) => send('POST', path, body, curl)

  test('status, with what its page prints', async () => {
    const response = await send('GET', '/v1/models/half_plus_two', undefined, { accept: '*/*' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(await response.json()).toMatchObject({
      model_version_status: [{ version: '1', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } }],
    })
  })

  test('predict: every number is a decimal', async () => {
    const rows = await post('/v1/models/half_plus_two:predict', '{"instances": [1.0,2.0,5.0]}')
    expect(await rows.text()).toBe('{"predictions":[2.5,3.0,4.5]}')
    const columns = await post('/v1/models/half_plus_two/versions/1:predict', '{"inputs": [1.0, 2.0, -4]}')
    expect(await columns.text()).toBe('{"outputs":[2.5,3.0,0.0]}')
  })

  test('several inputs and outputs have names, in rows and in columns', async () => {
    const row = { INPUT0: [1, 2, 3, 4], INPUT1: [1, 1, 1, 0.5] }
    const rows = await post('/v1/models/simple:predict', JSON.stringify({ instances: [row, row] }))
    const one = '{"OUTPUT0":[2.0,3.0,4.0,4.5],"OUTPUT1":[0.0,1.0,2.0,3.5]}'
    expect(await rows.text()).toBe(`{"predictions":[${one},${one}]}`)
    const inputs = { INPUT0: [[1, 2, 3, 4]], INPUT1: [[1, 1, 1, 0.5]] }
    const columns = await post('/v1/models/simple:predict', JSON.stringify({ inputs }))
    expect(await columns.text()).toBe('{"outputs":{"OUTPUT0":[[2.0,3.0,4.0,4.5]],"OUTPUT1":[[0.0,1.0,2.0,3.5]]}}')
  })

  test('NaN and infinities are bare words', async () => {
    const response = await post('/v1/models/odd:predict', '{"instances": [[1, 2]]}')
    expect(await response.text()).toBe('{"predictions":[[NaN,Infinity,-1e+30,16777216.0]]}')
  })

  test('classify: labels and scores under `results`, as its server writes them', async () => {
    const b64 = Buffer.from('image bytes').toString('base64')
    const body = { examples: [{ image: { b64 } }, { image: { b64 } }] }
    const response = await post('/v1/models/animals:classify', JSON.stringify(body))
    const row = '[["cat",0.4],["dog",0.6]]'
    expect(await response.text()).toBe(`{"results":[${row},${row}]}`)
  })

  test('a model that is not there', async () => {
    const response = await post('/v1/models/half:predict', '{"instances": [1.0,5.0]}')
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json'])
    expect(Object.keys((await response.json()) as object)).toEqual(['error'])
  })
})

describe("KServe's InferenceRESTClient", () => {
  const httpx = { accept: '*/*', 'accept-encoding': 'gzip, deflate', 'user-agent': 'python-httpx/0.27.2' }
  const get = async (path: string) =>
    (await send('GET', path, undefined, httpx)).json() as Promise<Record<string, unknown>>

  test('v1: is_server_live, is_model_ready', async () => {
    expect(String((await get('/'))['status']).toLowerCase()).toBe('alive')
    expect((await get('/v1/models/animals'))['ready']).toBe(true)
  })

  test('v1: infer and explain send JSON without a content type', async () => {
    const image = [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]] // biome-ignore format: a picture of 2×2
    const body = JSON.stringify({ instances: [image] })
    expect(await (await send('POST', '/v1/models/animals:predict', body, httpx)).json()).toEqual({
      predictions: [[0.75, 0.25]],
    })
    expect(await (await send('POST', '/v1/models/animals:explain', body, httpx)).json()).toEqual({
      explanations: [{ method: 'grad-cam', className: 'cat', probability: 0.75, heat: [[0.5, 1]] }],
    })
  })

  test('v2: live, ready, infer with numbers in JSON and no binary answer', async () => {
    expect(await get('/v2/health/live')).toEqual({ live: true })
    expect(await get('/v2/health/ready')).toEqual({ ready: true })
    expect((await get('/v2/models/mymodel/ready'))['ready']).toBe(true)
    const inputs = [{ name: 'input0', shape: [1, 2], datatype: 'FP32', data: [1, 2] }]
    const body = JSON.stringify({ id: '4be4e82f-5500-420a', inputs })
    const response = await send('POST', '/v2/models/mymodel/infer', body, httpx)
    // Without the header the client takes the whole body for JSON.
    expect(response.headers.get('inference-header-content-length')).toBe(null)
    expect(await response.json()).toEqual({
      id: '4be4e82f-5500-420a',
      model_name: 'mymodel',
      model_version: '1',
      outputs: [{ name: 'output0', datatype: 'FP32', shape: [1, 4], data: [1.1, 3.3, 0.5, 2.4] }],
    })
  })

  test('an error is the member `error` of JSON', async () => {
    const response = await send('POST', '/v1/models/animals:predict', '{"instances": 3}', httpx)
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json'])
    expect(await response.json()).toEqual({ error: expect.any(String) })
  })
})

describe("Triton's client for Python", () => {
  /** A body as the client builds it: JSON with the places of the bytes, then the bytes. */
  function withBytes(head: object, ...tensors: readonly Uint8Array[]): [Uint8Array, Record<string, string>] {
    const json = Buffer.from(JSON.stringify(head))
    return [Buffer.concat([json, ...tensors]), { 'Inference-Header-Content-Length': String(json.length) }]
  }
  const bytesOf = (array: Float32Array | Int32Array | BigInt64Array) => new Uint8Array(array.buffer)

  /** `InferResult`: the JSON up to the header's length, then each output's bytes in turn. */
  async function result(response: Response) {
    const header = response.headers.get('inference-header-content-length')
    const body = Buffer.from(await response.arrayBuffer())
    const head = JSON.parse(body.subarray(0, header === null ? body.length : Number(header)).toString())
    let at = Number(header)
    const numpy: Record<string, number[] | string[]> = {}
    for (const { name, datatype, data, parameters } of head.outputs) {
      const size: number | undefined = parameters?.binary_data_size
      const bytes = body.subarray(at, at + (size ?? 0))
      at += size ?? 0
      numpy[name] = size === undefined ? data : datatype === 'BYTES' ? textsOf(bytes) : [...floatsOf(bytes)]
    }
    if (header !== null) expect(at).toBe(body.length)
    return { head, numpy }
  }
  const floatsOf = (bytes: Buffer) => new Float32Array(Uint8Array.from(bytes).buffer)
  function textsOf(bytes: Buffer): string[] {
    const texts = []
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32LE(at))
      texts.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32LE(at)).toString())
    return texts
  }

  test('what it asks before: status 200, and JSON', async () => {
    for (const path of [
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/simple/ready',
      '/v2/models/simple/versions/1/ready',
    ])
      expect((await send('GET', path)).status).toBe(200)
    expect(await (await send('GET', '/v2')).json()).toMatchObject({
      name: 'fovea',
      extensions: expect.arrayContaining(['binary_tensor_data', 'classification']),
    })
    expect(await (await send('GET', '/v2/models/simple')).json()).toMatchObject({
      name: 'simple',
      inputs: [{ name: 'INPUT0', datatype: 'FP32', shape: [-1, 4] }, { name: 'INPUT1' }],
      outputs: [{ name: 'OUTPUT0' }, { name: 'OUTPUT1' }],
    })
    // The client sends an empty body.
    const index = (await (await send('POST', '/v2/repository/index', '')).json()) as { name: string; state: string }[]
    expect(index.find(({ name }) => name === 'simple')).toMatchObject({ state: 'READY' })
  })

  test('infer without outputs: bytes in, bytes out', async () => {
    const tensor = (name: string, datatype: string, size: number) => ({
      name,
      shape: [1, 4],
      datatype,
      parameters: { binary_data_size: size },
    })
    const [body, headers] = withBytes(
      {
        inputs: [tensor('INPUT0', 'INT32', 16), tensor('INPUT1', 'INT64', 32)],
        parameters: { binary_data_output: true, sequence_id: 0, priority: 1, timeout: 1000 },
      },
      bytesOf(Int32Array.of(1, 2, 3, 4)),
      bytesOf(BigInt64Array.of(1n, 1n, 1n, -1n)),
    )
    const response = await send('POST', '/v2/models/simple/infer', body, headers)
    expect((await result(response)).numpy).toEqual({ OUTPUT0: [2, 3, 4, 3], OUTPUT1: [0, 1, 2, 5] })
  })

  test('one output in bytes, one in JSON, in the order of the question', async () => {
    const parameters = { binary_data_size: 16 }
    const [body, headers] = withBytes(
      {
        id: '1',
        inputs: ['INPUT1', 'INPUT0'].map(name => ({ name, shape: [1, 4], datatype: 'FP32', parameters })),
        outputs: [
          { name: 'OUTPUT1', parameters: { binary_data: true } },
          { name: 'OUTPUT0', parameters: { binary_data: false } },
        ],
      },
      bytesOf(float32([1, 1, 1, 1])),
      bytesOf(float32([5, 6, 7, 8])),
    )
    const { head, numpy } = await result(await send('POST', '/v2/models/simple/versions/1/infer', body, headers))
    expect(head).toMatchObject({ id: '1', outputs: [{ name: 'OUTPUT1' }, { name: 'OUTPUT0' }] })
    expect(numpy).toEqual({ OUTPUT1: [4, 5, 6, 7], OUTPUT0: [6, 7, 8, 9] })
  })

  test("class_count: the example of Triton's documentation, two rows", async () => {
    const body = JSON.stringify({
      id: '42',
      inputs: [{ name: 'input0', shape: [2, 2], datatype: 'UINT32', data: [1, 2, 3, 4] }],
      outputs: [{ name: 'output0', parameters: { classification: 2, binary_data: true } }],
    })
    const { head, numpy } = await result(await send('POST', '/v2/models/mymodel/infer', body))
    expect(head.outputs).toMatchObject([{ datatype: 'BYTES', shape: [2, 2] }])
    const row = ['3.300000:1', '2.400000:3']
    expect(numpy['output0']).toEqual([...row, ...row])
  })

  test('picture files as BYTES, each behind its length', async () => {
    const picture = Buffer.from(await encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(12) }))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(picture.length)
    const parameters = { binary_data_size: 2 * (4 + picture.length) }
    const [body, headers] = withBytes(
      {
        inputs: [{ name: 'image', shape: [2, 1], datatype: 'BYTES', parameters }],
        outputs: [{ name: 'probabilities', parameters: { classification: 1, binary_data: true } }],
      },
      length,
      picture,
      length,
      picture,
    )
    const { numpy } = await result(await send('POST', '/v2/models/animals/infer', body, headers))
    expect(numpy['probabilities']).toEqual(['0.600000:1:dog', '0.600000:1:dog'])
  })

  test('a raw request: a header of 0, and nothing but the numbers', async () => {
    const headers = { 'Inference-Header-Content-Length': '0', 'content-type': 'application/octet-stream' }
    const response = await send('POST', '/v2/models/mymodel/infer', bytesOf(float32([1, 2])), headers)
    expect((await result(response)).numpy['output0']).toEqual([...float32([1.1, 3.3, 0.5, 2.4])])
    for (const [model, bytes, text] of [
      ['mymodel', 7, 'The body has 7 bytes; a row of input0 has 8'],
      ['mymodel', 0, 'The body has 0 bytes'],
      ['simple', 16, 'several inputs'],
    ] as const) {
      const refused = await send('POST', `/v2/models/${model}/infer`, new Uint8Array(bytes), headers)
      expect([refused.status, await refused.json()]).toEqual([400, { error: expect.stringContaining(text) }])
    }
  })

  test('what it cannot ask is an error it understands', async () => {
    for (const [method, path, status] of [
      ['GET', '/v2/models/stats', 404],
      ['POST', '/v2/repository/models/simple/load', 404],
      ['GET', '/v2/models/none', 404],
      ['GET', '/v2/models/simple/versions/2', 404],
    ] as const) {
      const response = await send(method, path, method === 'POST' ? '{}' : undefined)
      expect([response.status, await response.json()]).toEqual([status, { error: expect.any(String) }])
    }
  })
})
