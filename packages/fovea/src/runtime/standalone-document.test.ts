import { expect, it } from 'vitest'
import { fromHalf, toHalf } from '../base/half.ts'
import type { StandaloneProgram } from './standalone.ts'
import { documentLength, standaloneDocument, standaloneFrom } from './standalone-document.ts'

const values = (...numbers: number[]) => Float32Array.from(numbers)
const program: StandaloneProgram = {
  code: Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0),
  pages: 2,
  entry: 'run',
  feed: 1024,
  result: 2048,
  scratch: 4096,
  states: [
    { offset: 256, values: values(0.1, -2 / 3, 3), isKernel: true },
    { offset: 384, values: values(0.1, 1e-8), isKernel: false },
    { offset: 512, values: values(0.1, 70_000), isKernel: true },
  ],
  inputs: [{ name: 'input', dtype: 'u8', offset: 1024, size: 4 }],
  outputs: [{ name: 'value 0', dtype: 'f32', offset: 2048, size: 4 }],
}

it('float32: comes back from JSON as it was', () => {
  expect(standaloneFrom(JSON.parse(JSON.stringify(standaloneDocument(program, 'float32'))))).toEqual(program)
})

it('float16: rounds kernels, unless a number is too large for it; biases stay', () => {
  const document = standaloneDocument(program, 'float16')
  expect(document.states.map(({ precision }) => precision)).toEqual(['float16', 'float32', 'float32'])
  const states = program.states.map(state => state.values)
  states[0] = states[0]!.map(value => fromHalf(toHalf(value)))
  expect(states[0]).not.toEqual(program.states[0]!.values)
  expect(standaloneFrom(document).states.map(state => state.values)).toEqual(states)
})

it.each(['float32', 'float16'] as const)('%s: its length is known beforehand', precision => {
  const { code, states } = standaloneDocument(program, precision)
  const written = [code, ...states.map(state => state.values)].join('').length
  expect(documentLength(program, precision)).toBe(written)
})
