import { describe, expect, it } from 'vitest'
import { buildKernel } from '../targets/wasm/run-kernel.testing.ts'
import { ENTRY, emitList, emitListProduct, FiniteCheck } from './list-product.ts'

const AT = { values: 1024, lists: 2048, end: 4096, panel: 8192, sums: 4096 + 64 }
const COUNT = 5

/** The product of `values` with a panel of one vector per value, zeros left out unless the panel is not finite. */
function product(values: readonly number[], panel: readonly number[]): { sums: number[]; entries: number } {
  const built = buildKernel([], k => {
    const check = new FiniteCheck(k)
    k.loop(AT.panel, AT.panel + COUNT * 16, 16, at => check.see(k.load('vec', at)))
    const [list, end] = [k.int(AT.lists), k.int(AT.end)]
    emitList(k, { at: k.int(AT.values), count: k.int(COUNT), stride: 4, rowBytes: 16 }, list, end, check.failed())
    emitListProduct(k, { at: list, end }, k.int(AT.panel), k.int(AT.sums), 1, k.int(1))
  })
  const floats = new Float32Array(built.memory.buffer)
  floats.set(values, AT.values / 4)
  floats.set(panel, AT.panel / 4)
  built.call()
  const [end] = new Int32Array(built.memory.buffer, AT.end, 1)
  return { sums: [...floats.subarray(AT.sums / 4, AT.sums / 4 + 4)], entries: (end! - AT.lists) / ENTRY }
}

describe('a product by list', () => {
  const panel = Array.from({ length: COUNT * 4 }, (_, index) => index + 1)
  const infinite = panel.with(4, Number.POSITIVE_INFINITY)

  it('leaves out zeros of either sign', () => {
    expect(product([2, 0, -0, -1, 0], panel)).toEqual({ sums: [-11, -10, -9, -8], entries: 2 })
    expect(product([0, 0, 0, 0, 0], panel)).toEqual({ sums: [0, 0, 0, 0], entries: 0 })
  })

  it('keeps NaN among the values', () => {
    expect(product([2, 0, 0, Number.NaN, 0], panel)).toEqual({ sums: [NaN, NaN, NaN, NaN], entries: 2 })
  })

  it('multiplies zeros with what is not finite', () => {
    expect(product([2, 0, 0, -1, 0], infinite)).toEqual({ sums: [NaN, -10, -9, -8], entries: COUNT })
    expect(product([2, 1, 0, 0, 0], infinite).sums).toEqual([Number.POSITIVE_INFINITY, 10, 13, 16])
  })
})
