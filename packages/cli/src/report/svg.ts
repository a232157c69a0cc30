/** SVG as text: escaping, elements, and the frame every figure has. Colours are the page's custom properties (see theme.ts). */

/** Text safe between tags and in attributes, of HTML as of SVG. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!)
}

type Attributes = Readonly<Record<string, string | number | undefined>>

/** `<name a="1">content</name>`. Attribute values are escaped, content is taken as it is. */
export function svgElement(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? decimal(value) : value!)}"`)
  return `<${name}${written.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`
}

/** Two digits behind the point are enough for places on a page. */
function decimal(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** A drawing of its own width × height, which the page scales down where it is too wide. */
export function drawing(width: number, height: number, content: string): string {
  return svgElement(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
      fill: 'currentColor',
    },
    content,
  )
}

/** A picture in a drawing, its pixels as squares (drawing programs know the attribute, browsers the page's style). `url` is a data URL. */
export function image(url: string, x: number, y: number, width: number, height: number): string {
  return svgElement('image', {
    href: url,
    x,
    y,
    width,
    height,
    'image-rendering': 'optimizeSpeed',
    preserveAspectRatio: 'none',
  })
}
