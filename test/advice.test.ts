/** No message tells a user to destroy something: whose a file is, Fovea does not know. Over every text in the sources. */
import { expect, test } from 'vitest'
import { sourceFiles } from './source-files.testing.ts'

const destroys = /\b(delete|remove|erase|overwrite|discard|unlink|rm)\b/i

test('no text advises to delete, remove or overwrite', () => {
  const texts = sourceFiles('packages')
    .filter(({ path }) => !/\.(test|testing)\.ts$/.test(path))
    .flatMap(({ path, strings }) => strings.map(text => ({ path, text })))
  expect(texts.length).toBeGreaterThan(1000)
  // A word by itself is a name, of a method for example.
  const advice = texts.filter(({ text }) => /\s/.test(text) && destroys.test(text))
  expect(advice.map(({ path, text }) => `${path}: ${text}`)).toEqual([])
})
