import { expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { modelToConfig } from '../network/config.ts'
import { underOwnName } from './own-name.ts'
import { plainModel } from './recipe-parts.ts'
import { recipe } from './recipes.ts'

it('recipes in a file are called as the file where they differ from the published ones of their name', () => {
  const published = recipe('mnist-cnn')
  const changed = { ...published, epochs: 3 }
  expect(underOwnName(published, 'lena')).toBe(published)
  // However the network is written.
  const written = { ...published, model: modelToConfig(plainModel(published)) as unknown as JsonRecord }
  expect(underOwnName(written, 'lena').name).toBe('mnist-cnn')
  expect(underOwnName(changed, 'lena')).toMatchObject({ name: 'lena', title: `${published.title}, changed` })
  expect(underOwnName(changed, 'lena')).not.toHaveProperty('published')
  expect(underOwnName({ ...published, name: 'mine', epochs: 3 }, 'lena').name).toBe('mine')
  expect(underOwnName(changed, 'mnist-cnn').name).toBe('mnist-cnn-changed')
  expect(underOwnName(changed, '(2) a+b').name).toBe('2- a-b')
  expect(underOwnName({ ...published, model: { format: 'fovea-model' } }, 'lena').name).toBe('lena')
})
