import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

it('where no code may be made of bytes, large pictures are shrunk by the plain sums: the same bits', async () => {
  const data = Uint8Array.from({ length: 300 * 200 * 3 }, (_, index) => (index * 31 + (index >> 7)) & 255)
  const picture = { width: 300, height: 200, channels: 3, data } as const
  const shrunk = async () => (await import('./resize.ts')).stretch(picture, 40, 30).data
  const usual = await shrunk()
  vi.resetModules()
  const forbidden = vi.fn(() => {
    throw new EvalError('Wasm code generation disallowed by embedder')
  })
  vi.stubGlobal('WebAssembly', { ...WebAssembly, Memory: WebAssembly.Memory, Module: forbidden })
  expect(await shrunk()).toEqual(usual)
  expect(forbidden).toHaveBeenCalled()
})
