import type { Curves } from 'fovea/internal/diagnosis/curves'
import { describe, expect, it } from 'vitest'
import { dice, oddCurves } from '../../../fovea/src/diagnosis/odd-curves.testing.ts'
import { comparedCurvesText, curvesText } from './curves-text.ts'

const output = { isTerminal: false, columns: 80 }
const falling: Curves = {
  epochs: [1, 2, 3, 4],
  loss: [2, 1, 0.5, 0.2],
  accuracy: [0.3, 0.6, 0.8, 0.9],
  valLoss: [1.8, 0.9, 0.8, 1.1],
  valAccuracy: [0.4, 0.7, 0.75, 0.7],
}

describe('curvesText', () => {
  it('accuracy and loss side by side, within 80 columns, with best epoch and level of chance', () => {
    const lines = curvesText(falling, 10, output).split('\n')
    expect(lines).toHaveLength(13)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
    expect(lines[0]).toMatch(/^ +accuracy +loss$/)
    expect(lines[1]).toMatch(/^100 % ┤.*t? +2 ┤/)
    expect(lines.at(-3)).toMatch(/▲.*▲/)
    expect(lines.at(-2)).toMatch(/1 +3 +4 +1 +3 +4/)
    expect(lines.at(-1)).toBe('v validation (solid)   t training (dotted)   ▲ best epoch   ┄ chance 10 %')
    expect(lines.filter(line => line.includes('┄┄'))).toHaveLength(1)
  })

  it('of high accuracies chance is told, not drawn', () => {
    const high = { ...falling, accuracy: [0.95, 0.97, 0.98, 0.99], valAccuracy: [0.97, 0.98, 0.98, 0.98] }
    const text = curvesText(high, 10, output)
    expect(text).not.toContain('┄')
    expect(text).toMatch(/chance 10 %$/)
  })

  it('a loss alone, as some write it', () => {
    const lines = curvesText({ epochs: [0, 1, 2], loss: [3, 2, Number.NaN] }, undefined, output).split('\n')
    expect(lines[0]).toMatch(/^ +loss$/)
    expect(lines.at(-1)).toBe('t training (solid)   ▲ best epoch')
  })

  it('says nothing of one epoch, and paints only on a terminal', () => {
    expect(curvesText({ epochs: [1], loss: [3] }, 10, output)).toBe('')
    expect(curvesText(falling, 10, output)).not.toContain('\u001b')
    expect(curvesText(falling, 10, { ...output, isTerminal: true })).toContain('\u001b[38;5;208m')
  })

  it('several runs: one line each, in the charts and in the legend', () => {
    const { valLoss: _, valAccuracy: __, ...unvalidated } = falling
    const runs = [
      { name: 'plain', curves: falling },
      { name: 'without-dropout', curves: unvalidated },
    ]
    const lines = comparedCurvesText(runs, 10, output).split('\n')
    expect(lines.slice(-3)).toEqual([
      'a plain, validation (solid)',
      'b without-dropout, training (dotted)',
      '┄ chance 10 %',
    ])
    expect(lines.join('\n')).toMatch(/⠒?.* b +2 ┤/)
  })

  it('of any history: no NaN and no undefined, within its columns', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const roll = dice(seed)
      const [one, other] = [oddCurves(roll), oddCurves(roll)]
      const both = [
        { name: 'one', curves: one },
        { name: 'other', curves: other },
      ]
      for (const text of [curvesText(one, 10, output), comparedCurvesText(both, undefined, output)]) {
        expect(text).not.toMatch(/NaN|undefined|Infinity/)
        for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80)
      }
    }
  })

  it('a value that was not measured leaves no gap, one that is not a number does', () => {
    const dots = (loss: (number | undefined)[]) =>
      curvesText({ epochs: loss.map((_, index) => index), loss }, undefined, output).match(/[\u2800-\u28ff]/g)!.length
    expect(dots([2, undefined, 1])).toBeGreaterThan(30)
    expect(dots([2, Number.NaN, 1])).toBeLessThan(5)
  })

  it('a history of 300,000 epochs', () => {
    const loss = Array.from({ length: 300_000 }, (_, epoch) => 1 + 1 / (epoch + 1))
    const text = curvesText({ epochs: [...loss.keys()], loss, accuracy: loss.map(value => value - 1) }, 10, output)
    expect(text.split('\n')).toHaveLength(13)
  })
})
