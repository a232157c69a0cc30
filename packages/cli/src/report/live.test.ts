import { describe, expect, it } from 'vitest'
import { type LiveDocument, type LiveModel, liveSection } from './live.ts'

const document: LiveDocument = {
  program: {
    code: 'AGFzbQ==',
    pages: 1,
    entry: 'run',
    feed: 1024,
    result: 2048,
    scratch: 4096,
    states: [{ offset: 256, values: 'AAA=', isKernel: true, precision: 'float32' }],
    inputs: [],
    outputs: [],
  },
  shown: 2,
  layers: [
    { layer: 'input', type: 'InputLayer', shape: [28, 28, 1] },
    { layer: 'rescaling', type: 'Rescaling', shape: [28, 28, 1] },
    { layer: 'conv2d', type: 'Conv2D', shape: [26, 26, 4] },
    { layer: 'dense', type: 'Dense', shape: [2] },
  ],
  probabilities: 3,
  scale: 'probabilities',
  spec: { shape: [28, 28, 1], channels: 'grey', resize: 'contain', digit: { box: 20 } },
  classNames: ['</script><b>zero', 'one & only'],
}
const script = 'const texts = ["</script>", `<!--`, /<\\/SCRIPT/.test("</SCRIPT")]'
const live: LiveModel = { document, script }

/** What stands between the tags of its script elements, as a browser finds them. */
function scripts(html: string): string[] {
  return [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/gi)].map(([, content]) => content!)
}

describe('a live section', () => {
  const html = liveSection(live)

  it('carries the model as JSON and the script, whatever they hold', () => {
    const [json, code] = scripts(html)
    expect(scripts(html).length).toBe(2)
    expect(JSON.parse(json!)).toEqual(document)
    expect(code).not.toContain('<!--')
    expect(new Function(`${code}; return texts`)()).toEqual(['</script>', '<!--', true])
  })

  it('leaves its style to the head of the page', () => {
    expect(html).not.toContain('<style')
  })

  it('begins with the first convolution', () => {
    expect(html).toContain('<option value="2" selected>conv2d (Conv2D): 26×26×4</option>')
    expect(html.match(/<option/g)).toHaveLength(4)
  })

  it('names every control', () => {
    const controls = [...html.matchAll(/<(?:select|input type="file") id="([^"]+)"/g)].map(([, id]) => id)
    expect(controls).toEqual(['try-file', 'try-layer'])
    for (const id of controls) expect(html).toContain(`<label for="${id}">`)
    const canvases = html.match(/<canvas[^>]*>/g)!
    expect(canvases).toHaveLength(3)
    for (const canvas of canvases) expect(canvas).toMatch(/role="img" aria-label="[^"]+"/)
  })

  it('has a box to draw in for grey pictures only', () => {
    expect(html).toContain('id="try-box"')
    expect(html).toContain('Draw a digit')
    const colour: LiveDocument = { ...document, spec: { shape: [32, 32, 3], channels: 'rgb', resize: 'cover' } }
    const colourHtml = liveSection({ document: colour, script })
    expect(colourHtml).not.toContain('id="try-box"')
    expect(colourHtml).toContain('32×32, colour')
  })

  it('says when weights are rounded', () => {
    expect(html).not.toContain('16 bits')
    const states = [{ ...document.program.states[0]!, precision: 'float16' as const }]
    expect(liveSection({ document: { ...document, program: { ...document.program, states } }, script })).toContain(
      'rounded to 16 bits',
    )
  })
})

it('without a model says why, and how to ask it', () => {
  const html = liveSection({ reason: 'It is <too> large.', command: 'npx fovea predict run picture.png' })
  expect(html).toContain('It is &lt;too&gt; large.')
  expect(html).toContain('<code>npx fovea predict run picture.png</code>')
  expect(scripts(html)).toEqual([])
})
