/**
 * Pictures, curves and bars as HTML, for the page that an example leaves (`page.js`). Colours are named, not written out: the page has one
 * set for light and one for dark.
 */
import { crc32, deflateSync } from 'node:zlib'

/** @typedef {{ width: number, height: number, channels: number, data: ArrayLike<number> }} Pixels */
/** @typedef {(value: number) => string} Format */

export const escaped = (/** @type {string} */ text) => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)

/** A PNG file in an address: a head, the rows, each after a byte that says they are plain, and an end. */
function pngUrl(/** @type {Pixels} */ { width, height, channels, data }) {
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, channels === 1 ? 0 : 2, 0, 0, 0])
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  const row = width * channels
  const rows = Buffer.alloc(height * (row + 1))
  for (let y = 0; y < height; y++)
    rows.set(
      Array.from({ length: row }, (_, x) => data[y * row + x]),
      y * (row + 1) + 1,
    )
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ body) => {
    const named = Buffer.concat([Buffer.from(type), body])
    const [length, check] = [body.length, crc32(named)].map(number =>
      Buffer.from(Uint32Array.of(number).buffer).swap32(),
    )
    return Buffer.concat([length, named, check])
  }
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  return `data:image/png;base64,${Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]).toString('base64')}`
}

/** Pictures side by side, small ones enlarged to be seen. */
export function picturesHtml(/** @type {Pixels[]} */ pictures) {
  const images = pictures.map(picture => {
    const scale = Math.ceil(160 / Math.max(picture.width, picture.height))
    return `<img alt="" src="${pngUrl(picture)}" width="${scale * picture.width}" height="${scale * picture.height}">`
  })
  return `<div class="pictures">${images.join('\n')}</div>`
}

/** Round numbers from low to high: about four, at steps of 1, 2 or 5 times a power of ten. */
function ticksBetween(/** @type {number} */ low, /** @type {number} */ high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 4))
  const step = power * ([1, 2, 5].find(each => (high - low) / (each * power) <= 5) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, index) => (first + index) * step)
}

/**
 * Curves in one chart, each named at its end.
 * @param {{ title: string, curves: Record<string, readonly number[]>, across: string, first: number, format: Format }} options
 */
export function chartHtml({ title, curves, across, first, format }) {
  const values = Object.values(curves).flat().filter(Number.isFinite)
  const [low, high] = [Math.min(0, ...values), Math.max(...values) * 1.05 || 1]
  const steps = Math.max(2, ...Object.values(curves).map(({ length }) => length))
  const x = (/** @type {number} */ step) => 64 + (step / (steps - 1)) * 400
  const y = (/** @type {number} */ value) => 16 + ((high - value) / (high - low)) * 210
  const grid = ticksBetween(low, high).map(
    tick =>
      `<path class="grid" d="M64 ${y(tick)}h400"/><text x="58" y="${y(tick) + 4}" text-anchor="end">${format(tick)}</text>`,
  )
  const lines = Object.entries(curves).map(([name, curve], index) => {
    const points = curve.map((value, step) =>
      Number.isFinite(value) ? `${x(step).toFixed(1)},${y(value).toFixed(1)}` : '',
    )
    return { name, index, last: curve[curve.length - 1], points: points.filter(Boolean).join(' ') }
  })
  // Names stand at the ends of their lines, moved apart where they would touch: first downwards, then up from the axis.
  const ends = lines.map(({ last }) => y(last))
  const order = [...lines.keys()].sort((a, b) => ends[a] - ends[b])
  order.forEach((line, rank) => {
    if (rank > 0) ends[line] = Math.max(ends[line], ends[order[rank - 1]] + 16)
  })
  order.reverse().forEach((line, rank) => {
    ends[line] = Math.min(ends[line], rank === 0 ? 226 : ends[order[rank - 1]] - 16)
  })
  const named = lines.map(({ name, index, points }) => {
    const label = `<text class="series-${index}" x="472" y="${ends[index] + 4}">${escaped(name)}</text>`
    return `<polyline class="series-${index}" points="${points}"/>${label}`
  })
  const axis = `<text x="64" y="246">${across} ${first}</text><text x="464" y="246" text-anchor="end">${first + steps - 1}</text>`
  return figureHtml(title, `<svg viewBox="0 0 640 252" width="640">${grid.join('')}${axis}${named.join('')}</svg>`)
}

/**
 * Numbers as bars.
 * @param {{ title: string, values: Record<string, number>, format: Format }} options
 */
export function barsHtml({ title, values, format }) {
  const most = Math.max(...Object.values(values)) || 1
  const rows = Object.entries(values).map(([name, value]) => {
    const bar = `<i style="width: ${(Math.max(0, value / most) * 100).toFixed(1)}%"></i>`
    return `<tr><th>${escaped(name)}</th><td>${format(value)}</td><td class="bar">${bar}</td></tr>`
  })
  return figureHtml(title, `<table>${rows.join('\n')}</table>`)
}

const figureHtml = (/** @type {string} */ title, /** @type {string} */ body) =>
  `<figure><figcaption>${escaped(title)}</figcaption>${body}</figure>`
