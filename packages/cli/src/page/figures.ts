/**
 * The script of every page with figures: a button at each that saves it as PNG, drawn from what the page shows; a word at what goes on
 * beyond its right edge; a mark at the cell of a confusion matrix that is open; and everything opened that is closed when the page is
 * printed or a link leads there; and the map of the user's own pictures (map.ts).
 */
import { standaloneSvg } from '../report/theme.ts'
import { startMap } from './map.ts'

/** Pixels of the file for one of the page. */
const scale = 2

async function picturesOf(figure: Element): Promise<Blob | null> {
  const canvas = figure.querySelector('canvas')
  if (canvas) return blobOf(canvas)
  const image = figure.querySelector('img')
  if (image) return drawn(image, image.naturalWidth, image.naturalHeight)
  const svg = figure.querySelector('svg')!
  const [width, height] = [svg.width.baseVal.value * scale, svg.height.baseVal.value * scale]
  const loaded = new Image(width, height)
  loaded.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standaloneSvg(svg.outerHTML))}`
  await loaded.decode()
  return drawn(loaded, width, height)
}

/** On white, as figures stand on paper. */
function drawn(image: HTMLImageElement, width: number, height: number): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')!
  context.fillStyle = 'white'
  context.fillRect(0, 0, width, height)
  context.drawImage(image, 0, 0, width, height)
  return blobOf(canvas)
}

const blobOf = (canvas: HTMLCanvasElement): Promise<Blob | null> =>
  new Promise(resolve => canvas.toBlob(resolve, 'image/png'))

async function save(figure: Element): Promise<void> {
  const picture = await picturesOf(figure)
  if (picture === null) return
  const link = document.createElement('a')
  link.download = `${figure.id.replace(/^figure-/, '')}.png`
  link.href = URL.createObjectURL(picture)
  link.click()
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

for (const figure of document.querySelectorAll('figure')) {
  const caption = figure.querySelector('figcaption')
  if (!caption) continue
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'save'
  button.textContent = '↓ PNG'
  button.title = 'Save as PNG'
  button.setAttribute('aria-label', `Save as PNG: ${figure.id.replace(/^figure-/, '')}`)
  button.addEventListener('click', () => save(figure))
  caption.append(button)
}

/** Whoever scrolls by keyboard can reach what goes on. */
function mark(box: HTMLElement): void {
  const left = box.scrollWidth - box.clientWidth - box.scrollLeft
  box.toggleAttribute('data-goes-on', left > 2)
  if (box.scrollWidth > box.clientWidth + 2) box.tabIndex = 0
  else box.removeAttribute('tabindex')
}

const sizes = new ResizeObserver(entries => {
  for (const { target } of entries) mark(target as HTMLElement)
})
for (const box of document.querySelectorAll<HTMLElement>('.scroll')) {
  sizes.observe(box)
  box.addEventListener('scroll', () => mark(box), { passive: true })
}

let opened: HTMLDetailsElement[] = []
addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')]
  for (const each of opened) each.open = true
})
addEventListener('afterprint', () => {
  for (const each of opened) each.open = false
})

function openTarget(): void {
  const target = document.getElementById(location.hash.slice(1))
  if (target?.tagName === 'SECTION') for (const each of target.querySelectorAll('details')) each.open = true
}
/** In a confusion matrix, the cell whose pictures are open. */
function markCells(): void {
  for (const cells of document.querySelectorAll('.cells')) {
    const open = cells.querySelector('.cell:target') ?? cells.querySelector('.cell.first')
    for (const link of cells.parentElement!.querySelectorAll<SVGAElement>('.matrix svg a')) {
      if (link.href.baseVal === `#${open?.id}`) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    }
  }
}

for (const follow of [openTarget, markCells]) {
  addEventListener('hashchange', follow)
  follow()
}

startMap()
