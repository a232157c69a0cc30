import { expect, it } from 'vitest'
import { boolean, optional, parse } from './schema.ts'
import { typedRecord } from './typed-record.ts'

const read = (value: unknown) => parse(typedRecord({ trainable: optional(boolean, true) }), value, 'Layer 7')

it('reads the type, its options and the other fields', () => {
  expect(read({ type: 'Dropout', config: { rate: 0.5 } })).toEqual({
    type: 'Dropout',
    config: { rate: 0.5 },
    trainable: true,
  })
})

it('shows the record to write where options stand beside the type', () => {
  expect(() => read({ type: 'Dropout', rate: 0.5 })).toThrow(
    'Layer 7: put rate into config.\n  received: {"type":"Dropout","rate":0.5}\n  fix: write { "type": "Dropout", "config": { "rate": 0.5 } }',
  )
  expect(() => read({ type: 'Dropout', rate: 0.5, config: { seed: 1 } })).toThrow('{ "seed": 1, "rate": 0.5 }')
})

it('shows the record to write where there is only a name', () => {
  expect(() => read('Dropout')).toThrow('write { "type": "Dropout", "config": {} }')
})

it('names a mistyped field', () => {
  expect(() => read({ type: 'Dropout', trainabel: false })).toThrow('did you mean "trainable"?')
})
