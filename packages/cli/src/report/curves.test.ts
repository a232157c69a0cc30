import { describe, expect, it } from 'vitest'
import { curvesSection, lossText } from './curves.ts'
import { apart, lineChart } from './line-chart.ts'
import { elementsOf, placeOf, smallRun, textsOf } from './report-run.testing.ts'

const counted = <T>(count: number, value: (index: number) => T) => Array.from({ length: count }, (_, i) => value(i))

function figureOf(section: ReturnType<typeof curvesSection>, name: string) {
  return section.figures.find(figure => figure.name === name)!
}

/** Points of the nth line: a gap begins a new `M`. */
function linePath(svg: string, index: number): string {
  return elementsOf(svg, 'g[aria-label=line]')[index]?.querySelector('path')?.getAttribute('d') ?? ''
}

describe('curves of a run', () => {
  it('draw accuracy from 0 to 100 %, with the level of chance and the best epoch', () => {
    const { svg, alt } = figureOf(curvesSection(smallRun()), 'accuracy')
    // 100 % lies at y = 24 and 0 % at 226: chance of 3 classes is at a third.
    const [chance] = elementsOf(svg, 'g[stroke-dasharray="5 4"] line')
    expect(Number(chance!.getAttribute('y1'))).toBeCloseTo(158.67, 1)
    expect(textsOf(svg)).toContain('chance 33.33 %')
    expect(textsOf(svg)).toContain('best epoch 2: 80.00 %')
    // Training 50, 75 and 100 %; validation 40, 80 and 70 %.
    expect(linePath(svg, 0).match(/,[\d.]+/g)).toEqual([',125', ',74.5', ',24'])
    expect(linePath(svg, 1).match(/,[\d.]+/g)).toEqual([',145.2', ',64.4', ',84.6'])
    expect(alt).toBe(
      'Accuracy over 3 epochs: training from 50.00 % to 100.00 %, validation from 40.00 % to 70.00 %. Best epoch 2: 80.00 %. Chance 33.33 %.',
    )
  })

  it('tell the figures of an epoch to who points at it', () => {
    const section = curvesSection(smallRun())
    const titles = (name: string) => elementsOf(figureOf(section, name).svg, 'title').map(title => title.textContent)
    expect(titles('accuracy')[1]).toBe('Epoch 2 · training 75 % · validation 80 %')
    expect(titles('loss')).toEqual([
      'Epoch 1 · training 1 · validation 0.9',
      'Epoch 2 · training 0.5 · validation 0.4',
      'Epoch 3 · training 0.25 · validation 0.6',
    ])
  })

  it('that lie high are drawn close up too, which says that chance lies below', () => {
    const curves = {
      epochs: [1, 2],
      loss: [0.3, 0.1],
      accuracy: [0.913, 0.96],
      valLoss: [0.2, 0.1],
      valAccuracy: [0.95, 0.97],
    }
    const section = curvesSection(smallRun({ curves, classNames: counted(10, String) }))
    const { title, svg } = figureOf(section, 'accuracy-close-up')
    expect(title).toBe('Accuracy close up, from 91 %')
    expect(textsOf(svg)).toContain('chance 10 % ↓')
    expect(curvesSection(smallRun()).figures.map(({ name }) => name)).toEqual(['accuracy', 'loss'])
  })

  it('without validation have one line, and the best epoch is that of the lowest loss', () => {
    const section = curvesSection(smallRun({ curves: { epochs: [1, 2], loss: [1, 0.5], accuracy: [0.5, 0.75] } }))
    const { svg } = figureOf(section, 'loss')
    expect(textsOf(svg)).toContain('best epoch 2: 0.5')
    expect(textsOf(svg)).toContain('training')
    expect(textsOf(svg)).not.toContain('validation')
  })

  it('of one epoch are points', () => {
    const curves = { epochs: [1], loss: [1.5], accuracy: [0.5], valLoss: [1.25], valAccuracy: [0.625] }
    const section = curvesSection(smallRun({ curves, learningRates: [0.01] }))
    const { svg, alt } = figureOf(section, 'accuracy')
    const dots = elementsOf(svg, 'circle[r="3"]').map(dot => Number(dot.getAttribute('cy')))
    expect(dots).toEqual([125, 99.75])
    const [tick] = elementsOf(svg, 'g[aria-label="x-axis tick"] path')
    // In the middle between the margins of 54 and 112 (for the name of the level).
    const middle = Number(elementsOf(svg, 'circle[r="3"]')[0]!.getAttribute('cx'))
    expect(placeOf(tick!).x).toBe(middle)
    expect(middle).toBe((54 + 352 - 112) / 2)
    expect(alt).toContain('over 1 epoch: training 50.00 %, validation 62.50 %.')
    expect(textsOf(svg)).toContain('epoch 1')
  })

  it('of 250 epochs have lines without points, and few numbers on the axis', () => {
    const epochs = counted(250, index => index + 1)
    const loss = epochs.map(epoch => 2 / epoch)
    const { svg } = figureOf(curvesSection(smallRun({ curves: { epochs, loss, valLoss: loss } })), 'loss')
    expect(elementsOf(svg, 'circle')).toHaveLength(1)
    const axis = elementsOf(svg, 'g[aria-label="x-axis tick label"] text').map(text => text.textContent)
    expect(axis).toEqual(['epoch 1', '50', '100', '150', '200', '250'])
  })

  it('of 200,000 epochs are drawn, no larger than those of some thousand, with the best and the last', () => {
    const epochs = counted(200_000, index => index + 1)
    const valLoss = epochs.map(epoch => 1 + Math.abs(epoch - 77_777) / 1e6)
    const loss = epochs.map(epoch => (epoch === 55_556 ? undefined : 2 / epoch))
    const section = curvesSection(smallRun({ curves: { epochs, loss, valLoss } }))
    const { svg } = figureOf(section, 'loss')
    expect(textsOf(svg)).toContain('best epoch 77777: 1')
    const titles = elementsOf(svg, 'title').map(title => title.textContent)
    expect(titles.length).toBeLessThan(1100)
    expect(titles.at(-1)).toMatch(/^Epoch 200000 /)
  })

  it('that were not measured in every epoch go on over the others, and nothing is said of those', () => {
    const curves = { epochs: [1, 2, 3, 4], loss: [4, 3, 2, 1], valLoss: [undefined, 3, undefined, 2] }
    const section = curvesSection(smallRun({ curves }))
    const { svg, alt } = figureOf(section, 'loss')
    expect(alt).toContain('training from 4 to 1, validation from 3 to 2')
    expect(linePath(svg, 1).match(/[ML]/g)).toEqual(['M', 'L'])
    expect(elementsOf(svg, 'title').map(title => title.textContent)[2]).toBe('Epoch 3 · training 2')
    expect(section.html).not.toMatch(/undefined|NaN|no finite number/)
  })

  it('that broke down have a gap and say where', () => {
    const curves = {
      epochs: [1, 2, 3, 4],
      loss: [2, Number.NaN, 4, Number.POSITIVE_INFINITY],
      accuracy: [0.25, 0.125, 0.125, 0.125],
      valLoss: [2, Number.NaN, 3, 3],
    }
    const section = curvesSection(smallRun({ curves }))
    expect(section.html).toContain('In 2 of 4 epochs, first in epoch 2, the loss was no finite number')
    const { svg } = figureOf(section, 'loss')
    expect(linePath(svg, 1).match(/M/g)).toHaveLength(2)
    expect(elementsOf(svg, 'title')[1]!.textContent).toBe('Epoch 2 · training NaN · validation NaN')
    expect(textsOf(svg)).toContain('best epoch 1: 2')
  })

  it('without a single number are still a report', () => {
    const nothing = [Number.NaN, Number.NaN]
    const curves = { epochs: [1, 2], loss: nothing, accuracy: nothing, valLoss: nothing, valAccuracy: nothing }
    const section = curvesSection(smallRun({ curves }))
    expect(section.html).toContain('In 2 of 2 epochs')
    expect(figureOf(section, 'accuracy').alt).toContain('training from NaN to NaN')
    expect(section.html).not.toContain('best epoch')
    expect(section.html).not.toMatch(/="[^"]*(NaN|Infinity)[^"]*"(?<!aria-label="[^"]*")/)
  })

  it('draw losses far apart and a changing learning rate on logarithmic scales', () => {
    const curves = { epochs: [1, 2, 3], loss: [1000, 1, 0.1] }
    const section = curvesSection(smallRun({ curves, learningRates: [0.1, 0.01, 0.001] }))
    expect(figureOf(section, 'loss').title).toBe('Loss, logarithmic scale')
    const rates = linePath(figureOf(section, 'learning-rate').svg, 0)
      .match(/,[\d.]+/g)!
      .map(y => Number(y.slice(1)))
    expect(rates[2]! - rates[1]!).toBeCloseTo(rates[1]! - rates[0]!, 1)
    const close = curvesSection(smallRun({ curves, learningRates: [0.0009, 0.0004, 0.0002] }))
    expect(textsOf(figureOf(close, 'learning-rate').svg)).toEqual(expect.arrayContaining(['0.0002', '0.0005']))
  })

  it('leave out rates of 0, which a logarithmic scale does not have', () => {
    const section = curvesSection(smallRun({ learningRates: [0.1, 0.01, 0] }))
    const { svg, alt } = figureOf(section, 'learning-rate')
    expect(alt).toBe('Learning rate from 0.1 in the first epoch to 0 in the last.')
    expect(linePath(svg, 0).match(/[\d.]+,[\d.]+/g)).toHaveLength(2)
    expect(elementsOf(svg, 'title')[2]!.textContent).toBe('Epoch 3 · learning rate 0')
  })

  it('write losses with four digits, very large and very small ones with a power of ten', () => {
    expect([0, 0.123456, 12_345.6, 99_999, 1.234e5, -1e5, 0.0001, 0.0000999].map(lossText)).toEqual([
      ...['0', '0.1235', '12350', '100000', '1.2e+5', '-1.0e+5', '0.0001', '1.0e-4'],
    ])
  })

  it('have no drawing of a learning rate that never changes, but a line of text', () => {
    const { html, figures } = curvesSection(smallRun())
    expect(figures.map(({ name }) => name)).not.toContain('learning-rate')
    expect(html).toContain('Learning rate 0.001 in every epoch.')
    expect(curvesSection(smallRun({ learningRates: [] })).html).not.toContain('Learning rate')
  })

  it('have room for long names at the ends of their lines, and take the middle out of longer ones', () => {
    const named = (label: string) => {
      const series = [{ label, colour: 'red', epochs: [1, 2], values: [1, 2] }]
      const svg = lineChart({ series, format: String })
      const end = Math.max(...elementsOf(svg, 'circle').map(dot => Number(dot.getAttribute('cx'))))
      return { room: Number(elementsOf(svg, 'svg')[0]!.getAttribute('width')) - end, texts: textsOf(svg) }
    }
    expect(named('test').room).toBe(named('val').room)
    expect(named('cifar10-cnn-wide').room).toBeGreaterThan(16 * 7)
    const { room, texts } = named('shapes-cnn-without-rescaling')
    expect(room).toBe(named('cifar10-cnn-wide').room)
    expect(texts).toContain('shapes-…escaling')
  })

  it('name their lines without overlap', () => {
    const curves = { epochs: [1, 2], loss: [1, 0.5], valLoss: [1, 0.5] }
    const { svg } = figureOf(curvesSection(smallRun({ curves })), 'loss')
    const names = elementsOf(svg, 'text').filter(({ textContent }) => /^(training|validation)$/.test(textContent ?? ''))
    const [low, high] = names.map(text => placeOf(text).y)
    expect(Math.abs(low! - high!)).toBeGreaterThanOrEqual(14)
  })
})

describe('labels moved apart', () => {
  it('keep their order, their distance and the ends', () => {
    expect(apart([1, 5, 9], 2, [0, 10])).toEqual([1, 5, 9])
    expect(apart([1, 1, 1], 2, [0, 10])).toEqual([1, 3, 5])
    expect(apart([9, 9, 10], 2, [0, 10])).toEqual([6, 8, 10])
  })
})
