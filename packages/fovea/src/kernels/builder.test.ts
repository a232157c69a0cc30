/** The kernel language: what is folded while it is written, and what the written code does. */
import { describe, expect, it } from 'vitest'
import { wasm128 } from '../plan/target.ts'
import { buildKernel } from '../targets/wasm/run-kernel.testing.ts'
import { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'

/** Calls a kernel that stores scalars one behind the other. */
function integers(parameters: readonly number[], write: (k: KernelBuilder, x: Value[]) => Value[]): number[] {
  const names = parameters.map((_, index) => `p${index}`)
  let count = 0
  const { memory, call } = buildKernel(names, k => {
    const values = write(
      k,
      names.map(name => k.parameter(name)),
    )
    count = values.length
    for (const [index, value] of values.entries()) k.store(index * 4, value)
  })
  call(...parameters)
  return [...new Int32Array(memory.buffer, 0, count)]
}

function floats(write: (k: KernelBuilder) => void, length: number, fill = 0): number[] {
  const { memory, call } = buildKernel([], write)
  const view = new Float32Array(memory.buffer, 0, length)
  view.fill(fill)
  call()
  return [...view]
}

describe('folding', () => {
  const k = new KernelBuilder('kernel', ['p'], wasm128)
  const p = k.parameter('p')

  it('constants are computed as 32-bit integers', () => {
    expect(k.add(3, 4)).toEqual(k.int(7))
    expect(k.mul(k.int(65536), 65537)).toEqual(k.int(65536))
    expect(k.sub(k.int(3), 5)).toEqual(k.int(-2))
    expect(k.div(k.int(-7), 2)).toEqual(k.int(-3))
    expect(k.rem(k.int(-7), 2)).toEqual(k.int(-1))
    expect(k.add(k.int(2 ** 31 - 1), 1)).toEqual(k.int(-(2 ** 31)))
    expect([k.imin(3, 4), k.imax(3, 4)]).toEqual([k.int(3), k.int(4)])
  })

  it('identities vanish', () => {
    expect([k.add(p, 0), k.mul(p, 1), k.sub(p, 0), k.div(p, 1)]).toEqual([p, p, p, p])
    expect([k.mul(p, 0), k.rem(p, 1)]).toEqual([k.int(0), k.int(0)])
  })

  it('constant summands end up outermost, and in the offset of a load', () => {
    const sum = k.add(k.mul(k.add(k.add(p, 3), 4), 4), 8)
    expect(sum).toMatchObject({ op: 'add', args: [{ op: 'mul' }, { value: 36 }] })
    expect(k.load('f32', sum, 4)).toMatchObject({ offset: 40, address: { op: 'mul' } })
    expect(k.load('f32', k.int(48), 4)).toMatchObject({ offset: 52, address: { value: 0 } })
    // A negative one stays: offsets have no sign.
    expect(k.load('f32', k.add(p, -4), 4)).toMatchObject({ offset: 4, address: { op: 'add' } })
  })

  it('floats are never reordered', () => {
    const x = k.load('f32', p)
    expect(k.add(k.add(x, 1), 2)).toMatchObject({ op: 'add', args: [{ op: 'add' }, { value: 2 }] })
    expect(k.add(x, 0)).toMatchObject({ op: 'add' })
    expect(k.mul(x, 1)).toMatchObject({ op: 'mul' })
  })

  it('an unknown parameter is our error', () => {
    expect(() => k.parameter('q')).toThrow('no parameter q')
  })
})

describe('what folding gives equals what running gives', () => {
  it('for sums and products of parameters and constants', () => {
    for (const a of [0, 1, -5, 2 ** 31 - 1, -(2 ** 31)]) {
      for (const b of [1, 3, -2, 65536]) {
        const folded = integers([], k => [
          k.add(k.int(a), b),
          k.mul(k.int(a), b),
          k.sub(k.int(a), b),
          k.rem(k.int(a), b),
        ])
        const run = integers([a, b], (k, [x, y]) => [k.add(x!, y!), k.mul(x!, y!), k.sub(x!, y!), k.rem(x!, y!)])
        expect(run, `${a}, ${b}`).toEqual(folded)
        const mixed = integers([a], (k, [x]) => [
          k.add(k.add(x!, 7), b),
          k.mul(k.add(x!, 7), b),
          k.mul(k.sub(x!, 7), b),
        ])
        expect(mixed).toEqual([(a + 7 + b) | 0, Math.imul((a + 7) | 0, b), Math.imul((a - 7) | 0, b)])
      }
    }
  })

  it('smaller and larger of two', () => {
    expect(integers([5, -5], (k, [x, y]) => [k.imin(x!, y!), k.imax(x!, y!), k.imin(x!, 3), k.imax(2, y!)])).toEqual([
      -5, 5, 3, 2,
    ])
  })
})

describe('statements', () => {
  const turns = (start: number, end: number, step: number): number[] => {
    const counted = (constant: boolean) =>
      integers(constant ? [] : [start, end, step], (k, p) => {
        const [count, sum] = [k.variable(0), k.variable(0)]
        const [from, to, by] = constant ? [start, end, step] : (p as [Value, Value, Value])
        k.loop(from, to, by, index => {
          count.set(k.add(count.get, 1))
          sum.set(k.add(sum.get, index))
        })
        return [count.get, sum.get]
      })
    expect(counted(true)).toEqual(counted(false))
    return counted(false)
  }

  it('loops run as often as they should, also not at all and once', () => {
    expect(turns(0, 10, 3)).toEqual([4, 18])
    expect(turns(0, 0, 1)).toEqual([0, 0])
    expect(turns(7, 3, 1)).toEqual([0, 0])
    expect(turns(5, 6, 1)).toEqual([1, 5])
    expect(turns(5, 6, 4)).toEqual([1, 5])
    expect(turns(0, 4, 4)).toEqual([1, 0])
  })

  it('loops over addresses on both sides of 2 GiB', () => {
    const border = 2 ** 31
    expect(turns(border - 32, border + 32, 16)).toEqual([4, (4 * border - 32) | 0])
    expect(turns(border, border + 32, 16)[0]).toBe(2)
    expect(turns(border + 32, border - 32, 16)).toEqual([0, 0])
  })

  it('branches, also those known while writing', () => {
    const chosen = (x: number) =>
      integers([x], (k, [p]) => {
        const result = k.variable(0)
        k.when(
          k.compare('gt', p!, 3),
          () => result.set(1),
          () => result.set(2),
        )
        k.when(k.int(1), () => result.set(k.add(result.get, 10)))
        k.when(
          k.int(0),
          () => result.set(99),
          () => result.set(k.add(result.get, 100)),
        )
        return [result.get]
      })[0]
    expect([chosen(4), chosen(3)]).toEqual([111, 112])
  })

  it('what `let` gives keeps its value', () => {
    expect(
      integers([5], (k, [p]) => {
        const variable = k.variable(p!)
        const kept = k.let(k.add(variable.get, 1))
        variable.set(100)
        return [kept, variable.get]
      }),
    ).toEqual([6, 100])
  })
})

describe('vectors', () => {
  it.each([1, 2, 3, 4])('a store of %i lanes writes no more', lanes => {
    const written = floats(k => k.store(4, k.vec(2.5), 0, lanes), 6, 9)
    expect(written).toEqual([9, ...[0, 1, 2, 3].map(lane => (lane < lanes ? 2.5 : 9)), 9])
  })

  it('lanes are picked and joined as numbered', () => {
    const written = floats(k => {
      for (let index = 0; index < 8; index++) k.store(64 + index * 4, k.float(index))
      const [a, b] = [k.let(k.load('vec', 64)), k.let(k.load('vec', 80))]
      k.store(0, k.shuffle(a, b, [7, 0, 5, 2]))
      k.store(16, k.lane(b, 2))
      k.store(20, k.splatLoad(72))
      k.store(36, k.floatOf('toFloat', k.intOf('toInt', k.mul(b, -1.3))))
    }, 13)
    expect(written).toEqual([7, 0, 5, 2, 6, 2, 2, 2, 2, -5, -6, -7, -9])
  })

  it('bytes become numbers without sign', () => {
    const { memory, call } = buildKernel([], k => k.store(16, k.floatOf('toFloat', k.load('ivec', 1, 0, 'bytes'))))
    new Uint8Array(memory.buffer).set([9, 0, 127, 128, 255, 9])
    call()
    expect([...new Float32Array(memory.buffer, 16, 4)]).toEqual([0, 127, 128, 255])
  })

  it('minima, maxima and selects treat NaN and −0 as they say', () => {
    const written = floats(k => {
      const [nan, zero] = [k.vec(Number.NaN), k.vec(0)]
      k.store(0, k.lane(k.pmax(nan, zero), 0))
      k.store(4, k.lane(k.fmax(zero, nan), 0))
      k.store(8, k.lane(k.pmax(k.vec(-0), zero), 0))
      k.store(12, k.lane(k.select(k.compare('ne', nan, nan), k.vec(1), k.vec(2)), 0))
      k.store(16, k.lane(k.pmin(k.vec(3), k.vec(-3)), 0))
    }, 5)
    expect(written).toEqual([Number.NaN, Number.NaN, -0, 1, -3])
  })

  it('multiply-add rounds twice unless it may be contracted', () => {
    const x = Math.fround(1 + 2 ** -12)
    const written = floats(k => k.store(0, k.muladd(k.vec(x), k.vec(x), k.vec(-Math.fround(x * x)))), 4)
    expect(written).toEqual([0, 0, 0, 0])
  })
})
