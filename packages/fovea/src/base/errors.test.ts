/** Two copies of the library in one process, as a server in one file and the package that reads picture files make them. */
import { beforeAll, expect, test, vi } from 'vitest'
import { InternalError, PictureError, UserError } from './errors.ts'

let other: typeof import('./errors.ts')

beforeAll(async () => {
  vi.resetModules()
  other = await import('./errors.ts')
})

test('errors of one are those of the other', () => {
  expect(other.UserError).not.toBe(UserError)
  expect(new other.UserError('a')).toBeInstanceOf(UserError)
  expect(new other.PictureError('a')).toBeInstanceOf(PictureError)
  expect(new other.PictureError('a')).toBeInstanceOf(UserError)
  expect(new other.InternalError('a', 'b')).toBeInstanceOf(InternalError)
})

test('each kind is itself alone, and a class derived from one means what it means elsewhere', () => {
  class Refusal extends UserError {}
  class Blurred extends PictureError {}
  const kinds = [Error, UserError, PictureError, InternalError, Refusal, Blurred]
  const kindsOf = (value: unknown) => kinds.filter(kind => value instanceof kind)
  expect(kindsOf(new UserError('a'))).toEqual([Error, UserError])
  expect(kindsOf(new PictureError('a'))).toEqual([Error, UserError, PictureError])
  expect(kindsOf(new InternalError('a', 'b'))).toEqual([Error, InternalError])
  expect(kindsOf(new Refusal('a'))).toEqual([Error, UserError, Refusal])
  expect(kindsOf(new Blurred('a'))).toEqual([Error, UserError, PictureError, Blurred])
  for (const value of [new Error('a'), { name: 'UserError' }, 'UserError', null, undefined])
    expect(kindsOf(value).filter(kind => kind !== Error)).toEqual([])
})

test('the brand is not seen where errors are compared or shown', () => {
  expect(Object.keys(new PictureError('a')).sort()).toEqual(['name', 'problems'])
  expect(
    Object.getOwnPropertySymbols(new PictureError('a')).every(
      key => !Object.prototype.propertyIsEnumerable.call(new PictureError('a'), key),
    ),
  ).toBe(true)
  expect(String(new PictureError('a'))).toBe('PictureError: a')
})
