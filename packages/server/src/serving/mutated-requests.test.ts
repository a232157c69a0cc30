/** Good requests with something changed, the same ones each time: whatever comes, the answer is a response that blames nobody but the request. */
import { encodePng } from '@fovea/pictures/internal/encode'
import { keyOf, randomBits, uniform } from 'fovea/internal/base/random'
import { afterAll, expect, test } from 'vitest'
import type { Servable } from './contract.ts'
import { serve } from './serve.ts'
import { colours, plainPicture } from './served.testing.ts'

const model = colours()
afterAll(() => model.dispose())
const served: Servable = {
  model: model.model,
  classNames: model.classNames,
  predict: (x, options) => model.predict(x as never, options) as ReturnType<Servable['predict']>,
  classify: model.classify,
  explain: async () => ({
    method: 'grad-cam',
    className: 'red',
    probability: 1,
    width: 1,
    height: 1,
    values: [1],
  }),
}
const handle = serve({ colours: served }, { maxBytes: 4096 })

interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

const { data } = plainPicture(250, 10, 30)
const rows = Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => [250, 10, 30]))
const file = new Uint8Array(await encodePng({ width: 4, height: 4, channels: 3, data: Uint8Array.from(data) }))
const b64 = Buffer.from(file).toString('base64')
const post = (
  path: string,
  body: unknown,
  headers: Call['headers'] = { 'content-type': 'application/json' },
): Call => ({
  method: 'POST',
  path,
  headers,
  body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)),
})
const name = model.model.inputs[0]!.name
const tensor = { name, datatype: 'UINT8', shape: [1, 4, 4, 3] }
const head = Buffer.from(JSON.stringify({ inputs: [{ ...tensor, parameters: { binary_data_size: 48 } }] }))
const form = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
const calls: readonly Call[] = [
  { ...post('/models/colours/a.png?top=2', file, {}), method: 'PUT' },
  post('/models/colours', Buffer.concat([Buffer.from(form), file, Buffer.from('\r\n--b--\r\n')]), {
    'content-type': 'multipart/form-data; boundary=b',
  }),
  post('/models/colours', { pictures: [b64, { width: 4, height: 4, channels: 3, data }] }),
  post('/v1/models/colours:predict', { instances: [rows, rows], signature_name: 'serving_default' }),
  post('/v1/models/colours/versions/1:predict', { inputs: { [name]: [rows] } }),
  post('/v1/models/colours:predict', { instances: [{ b64 }] }),
  post('/v1/models/colours:classify', { examples: [{ image: data }] }),
  post('/v1/models/colours:explain', { instances: [rows], method: 'occlusion' }),
  post('/v2/models/colours/infer', { id: '1', inputs: [{ ...tensor, data }], outputs: [] }),
  post('/v2/models/colours/versions/1/infer', { inputs: [{ name, datatype: 'BYTES', shape: [1], data: [b64] }] }),
  post('/v2/models/colours/infer', Buffer.concat([head, Uint8Array.from(data)]), {
    'inference-header-content-length': String(head.length),
  }),
  { method: 'GET', path: '/v1/models/colours/labels/stable/metadata', headers: {} },
  { method: 'GET', path: '/v2/models/colours/ready', headers: {} },
]

/** Values that stand where others are expected. */
const strange = [
  'null',
  '-1',
  '1e999',
  '[]',
  '{}',
  '""',
  '"__proto__"',
  'true',
  '99999999999',
  '[[[]]]',
  '"constructor"',
]

function mutated(call: Call, seed: number): Call {
  const key = keyOf(seed)
  const whole = (draw: number, count: number): number => Math.floor(uniform(key, draw) * count)
  const text = call.body === undefined ? '' : Buffer.from(call.body).toString('latin1')
  const at = whole(1, text.length)
  const end = at + 1 + whole(2, 30)
  const inBody = (made: string): Call => ({ ...call, body: Buffer.from(made, 'latin1') })
  const numbers = [...text.matchAll(/-?\d+|"[^"]*"/g)]
  switch (call.body === undefined ? 5 + whole(0, 3) : whole(0, 8)) {
    case 0:
      return inBody(text.slice(0, at) + String.fromCharCode(randomBits(key, 3) & 255) + text.slice(at + 1))
    case 1:
      return inBody(text.slice(0, at) + text.slice(end))
    case 2:
      return inBody(text.slice(0, end) + text.slice(at))
    case 3:
      return inBody(text.slice(0, at))
    case 4: {
      const found = numbers[whole(4, numbers.length)]
      if (found === undefined) return call
      const made = strange[whole(5, strange.length)]
      return inBody(text.slice(0, found.index) + made + text.slice(found.index + found[0].length))
    }
    case 5: {
      const place = whole(6, call.path.length)
      const sign = ['%', '%00', '/', ':', '..', '?', '%2e%2e', 'é', '__proto__', ' ', ''][whole(7, 11)]
      return { ...call, path: `/${call.path.slice(1, place)}${sign}${call.path.slice(place + whole(8, 2))}` }
    }
    case 6: {
      const fields = ['content-type', 'content-length', 'content-encoding', 'inference-header-content-length', 'accept']
      const value = ['', '-1', '0', '99999999', 'gzip', 'multipart/form-data', 'application/json', 'x/y; boundary='][
        whole(9, 8)
      ]!
      return { ...call, headers: { ...call.headers, [fields[whole(10, fields.length)]!]: value } }
    }
    default: {
      const method = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'][whole(11, 7)]!
      const { body: _, ...rest } = call
      return method === 'GET' || method === 'HEAD' ? { ...rest, method } : { ...call, method }
    }
  }
}

test('2,000 changed requests: 200 or a refusal, in the form of an error, without a piece of the server', async () => {
  const statuses = new Map<number, number>()
  for (let seed = 0; seed < 2000; seed++) {
    const { method, path, headers, body } = mutated(calls[seed % calls.length]!, seed)
    const init = { method, headers, ...(body && { body: body as Uint8Array<ArrayBuffer> }) }
    const response = await handle(new Request(`http://here${path}`, init))
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    const what = `seed ${seed}: ${method} ${path}`
    expect(response.status === 200 || (response.status >= 400 && response.status < 500), what).toBe(true)
    if (response.status === 200) continue
    const { error } = (await response.json()) as { readonly error: string }
    expect(error.length, what).toBeGreaterThan(10)
    expect(error.length, what).toBeLessThan(1000)
    expect(error, what).not.toMatch(/TypeError|undefined|\bat .*\.ts|NaN/)
  }
  // Changes that matter, and changes that do not.
  for (const status of [200, 400, 404, 405, 415]) expect(statuses.get(status), String(status)).toBeGreaterThan(10)
}, 60_000)
