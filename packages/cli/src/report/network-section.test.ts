import { conv2d } from 'fovea/internal/layers/conv'
import { dense } from 'fovea/internal/layers/dense'
import { batchNormalization } from 'fovea/internal/layers/normalization'
import { globalAveragePooling2d } from 'fovea/internal/layers/pooling'
import { sequential } from 'fovea/internal/network/sequential'
import { summarize } from 'fovea/internal/network/summary'
import { zoo, zooModel } from 'fovea/internal/network/zoo/zoo'
import { describe, expect, it } from 'vitest'
import { networkSection } from './network-section.ts'
import { slabOf, slabScale } from './network-slab.ts'
import { picturedRun } from './pictured-run.testing.ts'
import { elementsOf, plainTools, smallRun } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

const sectionOf = (run: ReportRun) => networkSection(run, plainTools)
const network = (...names: string[]) =>
  sequential([
    conv2d({ filters: 8, kernelSize: 3, padding: 'same', inputShape: [8, 8, 3], name: names[0] ?? 'conv2d' }),
    batchNormalization(),
    globalAveragePooling2d(),
    dense({ units: 5, activation: 'softmax' }),
  ])

describe('the network of a run', () => {
  it('is drawn with name, shape and parameters of each layer, in order', () => {
    const { figures, html } = sectionOf(smallRun({ model: network() }))
    expect(elementsOf(figures[0]!.svg, 'text').map(text => text.lastChild!.textContent)).toEqual([
      ...['input', '8×8×3'],
      ...['conv2d', '8×8×8', '224 params'],
      ...['batch_normaliza…', '8×8×8', '32 params'],
      ...['global_average_…', '8'],
      ...['dense', '5', '45 params'],
    ])
    expect(figures[0]!.alt).toContain('input 8×8×3; conv2d 8×8×8 224 params; batch_normalization 8×8×8 32 params')
    expect(elementsOf(html, 'p')[0]!.textContent).toBe('4 layers, 301 parameters, 16 of them not trained.')
    expect(elementsOf(html, '.kind').map(kind => kind.textContent)).toEqual([
      'convolution',
      'normalization',
      'pooling',
      'dense',
    ])
  })

  it('has its summary as a table with totals', () => {
    const rows = elementsOf(sectionOf(smallRun({ model: network() })).html, 'tr').map(row =>
      [...row.children].map(cell => cell.textContent),
    )
    expect(rows).toEqual([
      ['Layer (type)', 'Output shape', 'Parameters'],
      ['conv2d (Conv2D)', '(None, 8, 8, 8)', '224'],
      ['batch_normalization (BatchNormalization)', '(None, 8, 8, 8)', '32'],
      ['global_average_pooling2d (GlobalAveragePooling2D)', '(None, 8)', '0'],
      ['dense (Dense)', '(None, 5)', '45'],
      ['Total', '301'],
      ['Trained', '285'],
      ['Not trained', '16'],
    ])
  })

  it('tells layers of one long name apart by their numbers, and whole on pointing', () => {
    const names = ['a_name_of_twenty_signs_12', 'x<y>']
    const { svg } = sectionOf(smallRun({ model: network(names[0]!) })).figures[0]!
    expect(svg).toContain('<title>a_name_of_twenty_signs_12</title>a_name_of_tw…_12')
    expect(sectionOf(smallRun({ model: network(names[1]!) })).html).not.toContain('<y>')
  })

  it('begins with the first picture on the side of the input', async () => {
    const [image] = elementsOf(sectionOf(await picturedRun()).figures[0]!.svg, 'image')
    expect(image!.getAttribute('href')).toBe('data:2x2;0,1,2,3')
    expect(elementsOf(sectionOf(smallRun()).figures[0]!.svg, 'image')).toEqual([])
  })

  it.each(Object.keys(zoo))('can be drawn: %s', name => {
    const model = zooModel(name).build()
    const { figures, html } = sectionOf(smallRun({ model }))
    expect(html).not.toMatch(/NaN|undefined|Infinity/)
    const [svg] = elementsOf(figures[0]!.svg, 'svg')
    const [width, height] = ['width', 'height'].map(each => Number(svg!.getAttribute(each)))
    expect(width).toBeLessThanOrEqual(8 * 116 + 28)
    for (const text of elementsOf(figures[0]!.svg, 'text')) {
      expect(Number(text.getAttribute('x'))).toBeLessThan(width!)
      expect(Number(text.getAttribute('y'))).toBeLessThan(height!)
    }
    expect(elementsOf(html, 'details:not([open]) tbody tr')).toHaveLength(summarize(model).layers.length)
  })
})

describe('the solid of a shape', () => {
  const scale = slabScale([[224, 224, 3], [7, 7, 512], [1000]])

  it('has the sides by square root and the thickness by logarithm', () => {
    const [large, small] = [slabOf([224, 224, 3], scale), slabOf([56, 56, 3], scale)]
    const tall = (front: string): number => Number(front.split(' ')[1]) - Number(front.split(' ')[7])
    expect(tall(large.front)).toBeCloseTo(64, 0)
    expect(tall(small.front)).toBeCloseTo(32, 0)
    const thick = (front: string): number => Number(front.split(' ')[2]) - Number(front.split(' ')[0])
    expect(thick(slabOf([7, 7, 512], scale).front)).toBeCloseTo(34, 0)
    expect(thick(large.front)).toBeCloseTo(4 + (30 * 2) / Math.log2(513), 0)
  })

  it('is a bar for units, the taller the more', () => {
    const [ten, thousand] = [slabOf([10], scale), slabOf([1000], scale)]
    expect(thousand.height).toBeGreaterThan(ten.height)
    expect(thousand.width).toBe(ten.width)
    expect(slabOf([1], slabScale([[1]])).height).toBeGreaterThan(0)
  })
})
