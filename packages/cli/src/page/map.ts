/**
 * The map of a report's own pictures, alive: the picture nearest the pointer is shown with its file; arrow keys go from picture to picture; a
 * class, a rectangle drawn with the pointer or the pictures around the one of the keyboard (Enter) are listed beside the drawing.
 */
import type { MapDocument } from '../report/map-section.ts'
import { mapSize, markOf } from '../report/picture-map.ts'

type Point = MapDocument['points'][number]

const mostListed = 60
/** Pictures that Enter lists. */
const mostAround = 24
/** How far from a point the pointer may be, in units of the drawing. */
const reach = 14

export function startMap(): void {
  const data = document.getElementById('map-data')
  const svg = document.querySelector<SVGSVGElement>('.map-drawn svg')
  const said = document.querySelector<HTMLElement>('.map-said')
  if (!data || !svg || !said) return
  const { points, classNames } = JSON.parse(data.textContent) as MapDocument
  const marks = [...svg.querySelectorAll<SVGElement>('g[data-class] use')]
  const tip = made('div', { className: 'map-tip', hidden: true })
  const told = made('p', {})
  const list = made('ul', {})
  const hidden = { visibility: 'hidden', 'pointer-events': 'none' }
  const cursor = drawnIn(svg, 'circle', { ...hidden, r: 9, fill: 'none', stroke: 'var(--ink)', 'stroke-width': 2 })
  const frame = drawnIn(svg, 'rect', { ...hidden, fill: 'var(--right)', 'fill-opacity': 0.12, stroke: 'var(--right)' })
  svg.closest('.map-drawn')!.append(tip)
  told.setAttribute('aria-live', 'polite')

  function words({ label, predicted, file }: Point): HTMLElement {
    const seen = label === predicted ? '' : `, seen as ${classNames[predicted]}`
    const text = made('span', { textContent: `${classNames[label]}${seen}` })
    text.append(made('span', { className: 'file', textContent: file.slice(file.lastIndexOf('/') + 1) }))
    return text
  }

  function show(point: Point | undefined): void {
    tip.hidden = point === undefined
    set(cursor, { visibility: point ? 'visible' : 'hidden' })
    if (!point) return
    set(cursor, { cx: point.x, cy: point.y })
    tip.replaceChildren(...pictureOf(point), words(point))
    const [box, around] = [svg!.getBoundingClientRect(), tip.parentElement!.getBoundingClientRect()]
    const scale = box.width / mapSize.width
    const isRight = point.x > mapSize.width / 2
    const x = box.left - around.left + point.x * scale
    tip.style.left = isRight ? '' : `${x + 14}px`
    tip.style.right = isRight ? `${around.width - x + 14}px` : ''
    tip.style.top = `${box.top - around.top + point.y * scale - 20}px`
  }

  /** Undefined lists nothing. */
  function select(chosen: readonly Point[] | undefined, what = '', pressed?: HTMLElement): void {
    for (const button of buttons) button.setAttribute('aria-pressed', String(button === pressed))
    const on = new Set(chosen)
    for (const [at, mark] of marks.entries()) mark.classList.toggle('dim', chosen !== undefined && !on.has(points[at]!))
    const some = chosen?.slice(0, mostListed) ?? []
    const count = `${chosen?.length} ${chosen?.length === 1 ? 'picture' : 'pictures'}`
    const part = some.length < (chosen?.length ?? 0) ? `, the first ${some.length}` : ''
    told.textContent = chosen ? `${what}: ${count}${part}` : 'Choose a class, or draw a rectangle in the map.'
    list.replaceChildren(
      ...some.map(point => {
        const item = made('li', { title: point.file })
        item.append(...pictureOf(point), words(point))
        return item
      }),
    )
  }

  const buttons = classNames.map((name, label) => {
    const button = made('button', { type: 'button' })
    const mark = drawnIn(button, 'svg', { width: 14, height: 14, viewBox: '-7 -7 14 14', 'aria-hidden': 'true' })
    drawnIn(mark, 'use', { ...markOf(label) })
    button.append(name)
    button.addEventListener('click', () => {
      const isOn = button.getAttribute('aria-pressed') === 'true'
      if (isOn) select(undefined)
      else
        select(
          points.filter(point => point.label === label),
          name,
          button,
        )
    })
    return button
  })
  const classes = made('p', { className: 'map-classes' })
  classes.append(...buttons)
  said.append(classes, told, list)
  said.hidden = false
  select(undefined)
  const parts = { svg, points, show, select, frame }
  followPointer(parts)
  followKeys(parts)
}

interface MapParts {
  readonly svg: SVGSVGElement
  readonly points: readonly Point[]
  readonly frame: SVGElement
  show(point: Point | undefined): void
  select(chosen: readonly Point[] | undefined, what?: string): void
}

interface Place {
  readonly x: number
  readonly y: number
}

/** Moving shows the nearest picture; drawing a rectangle lists what is in it. */
function followPointer({ svg, points, frame, show, select }: MapParts): void {
  let from: Place | undefined
  const placeOf = ({ clientX, clientY }: PointerEvent): Place => {
    const { left, top, width } = svg.getBoundingClientRect()
    const scale = mapSize.width / width
    return { x: (clientX - left) * scale, y: (clientY - top) * scale }
  }
  svg.addEventListener('pointerdown', event => {
    from = placeOf(event)
    svg.setPointerCapture(event.pointerId)
  })
  svg.addEventListener('pointermove', event => {
    const place = placeOf(event)
    const [near] = nearest(points, place)
    show(near && distance(near, place) <= reach ? near : undefined)
    if (from) set(frame, { ...rectangle(from, place), visibility: 'visible' })
  })
  svg.addEventListener('pointerup', event => {
    if (!from) return
    const { x, y, width, height } = rectangle(from, placeOf(event))
    from = undefined
    set(frame, { visibility: 'hidden' })
    const inside = points.filter(each => each.x >= x && each.x <= x + width && each.y >= y && each.y <= y + height)
    if (width > 3 && height > 3) select(inside, 'In the rectangle')
    else select(undefined)
  })
  svg.addEventListener('pointerleave', () => show(undefined))
}

const directions: Readonly<Record<string, Place>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Arrows go to the nearest picture of that side, Enter lists the pictures around, Escape ends. */
function followKeys({ svg, points, show, select }: MapParts): void {
  let at: Point | undefined
  svg.tabIndex = 0
  svg.setAttribute('aria-description', 'Arrow keys go from picture to picture, Enter lists those around, Escape ends.')
  svg.addEventListener('keydown', event => {
    const direction = directions[event.key]
    if (direction) {
      const from = at
      const beyond = (point: Place): number =>
        from ? (point.x - from.x) * direction.x + (point.y - from.y) * direction.y : 1
      at = from
        ? (nearest(
            points.filter(point => beyond(point) > 0.7 * distance(point, from) && point !== from),
            from,
          )[0] ?? from)
        : nearest(points, { x: mapSize.width / 2, y: mapSize.height / 2 })[0]
      show(at)
    } else if (event.key === 'Enter' && at) select(nearest(points, at).slice(0, mostAround), 'Around this picture')
    else if (event.key === 'Escape') {
      at = undefined
      show(undefined)
      select(undefined)
    } else return
    event.preventDefault()
  })
  svg.addEventListener('blur', () => show(undefined))
}

const distance = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y)

function nearest(points: readonly Point[], place: Place): Point[] {
  return points.toSorted((a, b) => distance(a, place) - distance(b, place))
}

function rectangle(a: Place, b: Place) {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
  return { x, y, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) }
}

/** Its tile of the sheet; none for a picture that is not on it. */
function pictureOf({ tile, file }: Point): HTMLElement[] {
  if (!tile) return []
  const picture = made('i', {})
  picture.setAttribute('role', 'img')
  picture.setAttribute('aria-label', file)
  picture.style.setProperty('--x', String(tile[0]))
  picture.style.setProperty('--y', String(tile[1]))
  return [picture]
}

function made<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), properties)
}

function drawnIn(parent: Element, name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  // As in the drawing that is there: no page of ours names an address.
  const { namespaceURI } = document.querySelector('svg')!
  const element = document.createElementNS(namespaceURI, name) as SVGElement
  set(element, attributes)
  parent.append(element)
  return element
}

function set(element: SVGElement, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
}
