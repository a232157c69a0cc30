/** The description is valid OpenAPI 3.1, and whatever it tells of is answered. */
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, expect, test } from 'vitest'
import type { Servable } from './contract.ts'
import { serve } from './serve.ts'
import { colours } from './served.testing.ts'

const model = colours()
const handle = serve({ colours: model as Servable })
afterAll(() => model.dispose())

type Paths = Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
const document = (await (await handle(new Request('http://here/openapi.json'))).json()) as { readonly paths: Paths }
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).flatMap(([method, { operationId }]) =>
    method === 'parameters' ? [] : [{ method: method.toUpperCase(), path, operationId }],
  ),
)

test('it is valid', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
})

test.each(operations)('$method $path is answered', async ({ method, path }) => {
  const place = path
    .replace('{model}', 'colours')
    .replace('{version}', '1')
    .replace('{label}', 'stable')
    .replace('{file}', 'a.png')
  const init = method === 'GET' ? { method } : { method, body: '{}' }
  const response = await handle(new Request(`http://here${place}`, init))
  const { error = '' } = (await response.json()) as { readonly error?: string }
  expect(response.status).not.toBe(405)
  // No version has a label here: the address is known, and the label is not.
  expect(error).not.toContain('nothing at this address')
  const other = await handle(new Request(`http://here${place}`, { method: 'DELETE' }))
  expect([other.status, other.headers.get('allow')?.split(', ')]).toEqual([405, expect.arrayContaining([method])])
})
