import { describe, expect, it } from 'vitest'
import { filterPlane, poolPlane, termsAt } from './filter.ts'
import { kernelNames, namedKernel } from './kernels.ts'
import { channelPlane, planeFromText, rowsOf } from './plane.ts'

const plane = (text: string) => planeFromText(text, 'rows')
const picture = plane('3 3 2 1 0 / 0 0 1 3 1 / 3 1 2 2 3 / 2 0 0 2 2 / 2 0 0 0 1')
const kernel = plane('0 1 2 / 2 2 0 / 0 1 2')

describe('filterPlane', () => {
  it("gives the tutorials' check values", () => {
    expect(rowsOf(filterPlane(picture, kernel))).toEqual([
      [12, 12, 17],
      [10, 17, 19],
      [9, 6, 14],
    ])
    const binary = plane('1 1 1 0 0 / 0 1 1 1 0 / 0 0 1 1 1 / 0 0 1 1 0 / 0 1 1 0 0')
    expect(rowsOf(filterPlane(binary, plane('1 0 1 / 0 1 0 / 1 0 1')))).toEqual([
      [4, 3, 4],
      [2, 4, 3],
      [2, 3, 4],
    ])
    expect(rowsOf(filterPlane(plane('93 139 101 / 26 252 196 / 135 240 48'), namedKernel('sobel-x')))).toEqual([[261]])
  })

  it('takes strides and paddings', () => {
    expect(rowsOf(filterPlane(picture, kernel, { stride: 2 }))).toEqual([
      [12, 17],
      [9, 14],
    ])
    const same = filterPlane(picture, kernel, { padding: 'same' })
    expect(rowsOf(same).map(row => row.length)).toEqual([5, 5, 5, 5, 5])
    expect(rowsOf(same)[1]!.slice(1, 4)).toEqual([12, 12, 17])
    expect(rowsOf(filterPlane(picture, kernel, { padding: 1 }))).toEqual(rowsOf(same))
    // An even kernel gets its odd zero at the bottom and right.
    expect(rowsOf(filterPlane(plane('1 2 / 3 4'), plane('1 1 / 1 1'), { padding: 'same' }))).toEqual([
      [10, 6],
      [7, 4],
    ])
  })

  it('refuses a kernel that does not fit', () => {
    expect(() => filterPlane(plane('1 2 / 3 4'), kernel)).toThrow(/larger than the picture/)
  })
})

describe('termsAt', () => {
  it('writes out one output', () => {
    const terms = termsAt(plane('93 139 101 / 26 252 196 / 135 240 48'), namedKernel('sobel-x'), {}, 0, 0)
    expect(terms.products).toEqual([
      [-93, 0, 101],
      [-52, 0, 392],
      [-135, 0, 48],
    ])
    expect(terms.sum).toBe(261)
    expect(termsAt(picture, kernel, { padding: 'same' }, 0, 0)).toMatchObject({
      corner: [-1, -1],
      receptiveField: [
        [0, 0, 0],
        [0, 3, 3],
        [0, 0, 0],
      ],
      sum: 6,
    })
    expect(() => termsAt(picture, kernel, {}, 3, 0)).toThrow(/no such output/)
  })
})

describe('poolPlane', () => {
  it('takes windows of any size', () => {
    const data = Float64Array.from({ length: 500 * 500 }, (_, index) => index)
    expect(poolPlane({ height: 500, width: 500, data }, 'max', 500).data).toEqual(Float64Array.of(249_999))
  })

  it('takes the largest or the mean of each window', () => {
    const rows = plane('1 1 2 4 / 5 6 7 8 / 3 2 1 0 / 1 2 3 4')
    expect(rowsOf(poolPlane(rows, 'max', 2))).toEqual([
      [6, 8],
      [3, 4],
    ])
    expect(rowsOf(poolPlane(rows, 'average', 2))).toEqual([
      [3.25, 5.25],
      [2, 2],
    ])
    expect(rowsOf(poolPlane(rows, 'max', 3, 1))).toEqual([
      [7, 8],
      [7, 8],
    ])
  })
})

describe('kernels and planes', () => {
  it('blurs keep brightness, edge filters take it away', () => {
    for (const name of kernelNames) {
      const sum = namedKernel(name).data.reduce((total, value) => total + value, 0)
      expect(sum).toBeCloseTo(/blur|sharpen|emboss/.test(name) ? 1 : 0, 12)
    }
    expect(() => namedKernel('sobelx')).toThrow(/Did you mean 'sobel-x'/)
  })

  it('channels of a colour picture', () => {
    const colour = { width: 1, height: 1, channels: 3, data: new Uint8Array([200, 100, 50]) } as const
    expect(channelPlane(colour, 'red').data[0]).toBe(200)
    expect(channelPlane(colour, 'blue').data[0]).toBe(50)
    expect(channelPlane(colour, 'grey').data[0]).toBe(Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50))
  })

  it('text with commas, brackets and blank lines; errors that say where', () => {
    expect(rowsOf(planeFromText('[1, 2]\n\n[3, 4]\n', 'x'))).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(() => planeFromText('1 2 / 3', 'x')).toThrow(/1 in row 2/)
    expect(() => planeFromText('1 two', 'x')).toThrow(/two/)
    expect(() => planeFromText('', 'x')).toThrow(/nothing/)
  })

  it.each(['\n', '\r\n', '\r'])('rows by line, whatever ends it: %j', end => {
    expect(rowsOf(planeFromText(`1, 2${end}3 ; 4${end}`, 'x'))).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  it.each(['1,,2\n3,,4', '1,2,\n3,4,', ',1\n,2'])('an empty place is not a number and is not passed over: %j', text => {
    expect(() => planeFromText(text, 'x')).toThrow(/an empty place in row 1/)
  })
})
