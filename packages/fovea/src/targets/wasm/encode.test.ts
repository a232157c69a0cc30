import { describe, expect, it } from 'vitest'
import { Bytes, encodeModule, valueType } from './encode.ts'

const hex = (bytes: Bytes): string => [...bytes.view()].map(byte => byte.toString(16).padStart(2, '0')).join(' ')

/** Decodes LEB128 as the specification defines it. */
function decode(bytes: Uint8Array, signed: boolean): number {
  let result = 0n
  let shift = 0n
  for (const byte of bytes) {
    result |= BigInt(byte & 0x7f) << shift
    shift += 7n
    if (!(byte & 0x80)) {
      if (signed && byte & 0x40) result -= 1n << shift
      break
    }
  }
  return Number(result)
}

describe('Bytes', () => {
  it('writes the examples of the DWARF standard', () => {
    expect(hex(new Bytes().unsigned(624485))).toBe('e5 8e 26')
    expect(hex(new Bytes().signed(-123456))).toBe('c0 bb 78')
    expect(hex(new Bytes().signed(64))).toBe('c0 00')
    expect(hex(new Bytes().signed(-64))).toBe('40')
  })

  it('writes every magnitude so that it is read back, as short as can be', () => {
    for (let power = 0; power < 32; power++) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1].filter(each => each < 2 ** 32)) {
        const plain = new Bytes().unsigned(value)
        expect(decode(plain.view(), false)).toBe(value)
        expect(plain.length).toBe(Math.max(1, Math.ceil(Math.log2(value + 1) / 7)))
        for (const sign of [value | 0, -value | 0]) expect(decode(new Bytes().signed(sign).view(), true)).toBe(sign)
      }
    }
    // What is 2³¹ and more as an address is negative as a signed constant, in five bytes.
    expect(hex(new Bytes().unsigned(2 ** 32 - 1))).toBe('ff ff ff ff 0f')
    expect(hex(new Bytes().signed(2 ** 31))).toBe('80 80 80 80 78')
  })

  it('grows without losing what is there', () => {
    const bytes = new Bytes()
    for (let index = 0; index < 5000; index++) bytes.byte(index & 255)
    bytes.raw(new Uint8Array(9000).fill(7))
    expect(bytes.view()).toEqual(Uint8Array.from({ length: 14000 }, (_, index) => (index < 5000 ? index & 255 : 7)))
  })

  it('writes names with their length in bytes', () => {
    expect(hex(new Bytes().name('é'))).toBe('02 c3 a9')
  })
})

describe('encodeModule', () => {
  const empty = (name: string, parameters: number, exported: boolean) =>
    ({ name, parameters, exported, locals: [], code: new Uint8Array() }) as const

  it('gives a module that the engine accepts, with its exports and shared memory', async () => {
    const locals = [valueType.i32, valueType.i32, valueType.v128, valueType.f32, valueType.i32]
    const bytes = encodeModule({
      functions: [empty('a', 0, false), empty('b', 3, true), { ...empty('c', 0, true), locals }],
      globals: 2,
      memory: { pages: 1, shared: true },
    })
    const module = await WebAssembly.compile(bytes)
    expect(WebAssembly.Module.exports(module)).toEqual([
      { name: 'b', kind: 'function' },
      { name: 'c', kind: 'function' },
    ])
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'fovea', name: 'memory', kind: 'memory' }])
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
    const { exports } = new WebAssembly.Instance(module, { fovea: { memory } })
    expect((exports['b'] as () => void).length).toBe(3)
  })

  it('a memory of another size is refused', () => {
    const bytes = encodeModule({ functions: [empty('a', 0, true)], globals: 0, memory: { pages: 3, shared: false } })
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 3 })
    expect(() => new WebAssembly.Instance(new WebAssembly.Module(bytes), { fovea: { memory } })).toThrow('memory')
  })
})
