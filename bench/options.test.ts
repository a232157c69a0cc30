import { describe, expect, test } from 'vitest'
import { helpText, readOptions } from './options.ts'
import { benchRecipes } from './recipes.ts'

describe('options', () => {
  test('without any, all recipes are trained on two threads, alone', () => {
    expect(readOptions([])).toEqual({
      device: 'wasm',
      recipes: benchRecipes,
      threads: [2],
      peers: [],
      measure: 'train',
      profile: undefined,
      record: false,
      json: false,
      help: false,
    })
  })

  test('lists are read', () => {
    const words = '--recipe mnist-cnn,cifar10-mlp --threads 2,1 --peers torch,keras --predict --json'.split(' ')
    expect(readOptions(words)).toMatchObject({
      recipes: ['mnist-cnn', 'cifar10-mlp'],
      threads: [1, 2],
      peers: ['torch', 'keras'],
      measure: 'predict',
      json: true,
    })
  })

  test('the large network is measured when it is named', () => {
    expect(readOptions(['--recipe', 'mobilenet-v2']).recipes).toEqual(['mobilenet-v2'])
    expect(benchRecipes).not.toContain('mobilenet-v2')
  })

  test('epochs can be measured of some recipes', () => {
    expect(readOptions(['--epoch', '--recipe', 'cifar10-mlp'])).toMatchObject({
      measure: 'epoch',
      recipes: ['cifar10-mlp'],
    })
  })

  test.each([
    ['--peers torch,caffe', 'torch, keras'],
    ['--recipe mnist', 'mnist-mlp'],
    ['--threads 0', 'whole numbers'],
    ['--predict --alarm', 'only one of'],
    ['--epoch --scaling', 'only one of'],
    ['--startup --epoch', 'only one of'],
    ['mnist-mlp', 'options'],
    ['--recipes mnist-mlp', 'Did you mean --recipe?'],
  ])('%s is refused', (words, message) => {
    expect(() => readOptions(words.split(' '))).toThrow(message)
  })

  test('the help names every option', () => {
    for (const name of [
      'device',
      'recipe',
      'threads',
      'peers',
      'predict',
      'epoch',
      'startup',
      'scaling',
      'alarm',
      'profile',
      'record',
      'json',
    ])
      expect(helpText()).toContain(`--${name}`)
  })
})
