import { describe, expect, it } from 'vitest'
import { classBalance } from './class-balance.ts'
import { elementsOf, smallRun, textsOf } from './report-run.testing.ts'

describe('class balance', () => {
  it('draws a bar of each class as long as its count', () => {
    const { svg, alt } = classBalance(smallRun())!.figure
    const widths = elementsOf(svg, 'g[aria-label=bar] rect').map(bar => Number(bar.getAttribute('width')))
    // 30, 20 and 10 samples; 2 pixels are left free at both ends.
    expect((widths[1]! + 4) / (widths[0]! + 4)).toBeCloseTo(2 / 3, 3)
    expect((widths[2]! + 4) / (widths[0]! + 4)).toBeCloseTo(1 / 3, 3)
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['cat', 'dog', 'bird', '30', '20', '10', 'equal shares: 20']))
    expect(alt).toContain('cat 30, dog 20, bird 10.')
  })

  it('says how far apart the classes are', () => {
    const told = (perClass: readonly number[]) => classBalance(smallRun({ perClass }))!.told
    expect(told([30, 20, 10])).toContain(
      'The largest class, cat, has 30 training samples, the smallest, bird, 10, 3.0 times as many; who always answered cat would be right in 50.0 %',
    )
    expect(told([7, 7, 7])).toContain('Every one of the 3 classes has 7 training samples.')
    expect(told([100, 101, 102])).toContain('The classes are nearly equally large: 100 to 102')
    expect(told([5, 5, 0])).toContain('the smallest, bird, 0;')
  })

  it('thins the names of 100 classes, and is left out where the run does not say', () => {
    const classNames = Array.from({ length: 100 }, (_, index) => `class ${index}`)
    const { svg } = classBalance(smallRun({ perClass: classNames.map(() => 9), classNames }))!.figure
    expect(textsOf(svg).filter(text => text.startsWith('class '))).toHaveLength(50)
    expect(elementsOf(svg, 'g[aria-label=bar] rect')).toHaveLength(100)
    expect(classBalance(smallRun({ perClass: [] }))).toBeUndefined()
  })
})
