/**
 * The pictures of one page of the review as a list box: drawn, chosen by click, shift-click and keys, one of them current. Small pictures
 * are asked for as they come into view.
 */
import type { ReviewedSet, ReviewState } from '../review/reviewed-set.ts'
import { element } from './element.ts'

export interface ReviewGrid {
  /** Draws these pictures; none is chosen, the first one is current. */
  show(numbers: readonly number[], state: ReviewState): void
  /** Draws their labels anew. */
  update(state: ReviewState): void
  /** What an action is about: those chosen, else the current one. */
  targets(): readonly number[]
  readonly chosen: ReadonlySet<number>
  choose(which: 'current' | 'all' | 'none'): void
  /** Makes another one current; with `extend` those between are chosen. */
  move(by: number | 'row' | '-row' | 'first' | 'last', extend: boolean): void
}

const span = (name: string, text: string): HTMLElement => {
  const made = document.createElement('span')
  made.className = name
  made.textContent = text
  return made
}

export function reviewGrid({ pictures, classNames }: ReviewedSet, onChoice: () => void): ReviewGrid {
  const grid = element('grid')
  const chosen = new Set<number>()
  let numbers: readonly number[] = []
  let cells: HTMLElement[] = []
  /** Places in `numbers`. */
  let current = 0
  let anchor = 0

  function cell(number: number): HTMLElement {
    const made = document.createElement('li')
    made.setAttribute('role', 'option')
    made.id = `picture-${number}`
    const image = document.createElement('img')
    image.loading = 'lazy'
    image.decoding = 'async'
    image.alt = ''
    image.addEventListener('load', () => image.classList.toggle('tiny', image.naturalWidth < 65))
    image.addEventListener('error', () => {
      image.alt = 'This file cannot be shown.'
    })
    image.src = `thumbnails/${number}`
    made.append(image)
    return made
  }

  function label(made: HTMLElement, number: number, state: ReviewState, aside: ReadonlySet<number>): void {
    const { file, trainedAs, suggested } = pictures[number]!
    const now = state.labels[number]!
    const isAside = aside.has(number)
    const name = span('label', isAside ? 'set aside' : classNames[now]!)
    if (now !== trainedAs || isAside) {
      const before = document.createElement('s')
      before.textContent = classNames[trainedAs] ?? ''
      name.prepend(before, ' ')
    }
    const looks = suggested !== undefined && suggested !== now && !isAside ? `like ${classNames[suggested]}` : ''
    // The end of a long name tells files apart.
    const path = span('file', '')
    const whole = document.createElement('bdi')
    whole.textContent = file
    path.append(whole)
    path.title = file
    made.replaceChildren(made.firstElementChild!, name, span('looks', looks), path)
    made.classList.toggle('changed', now !== trainedAs)
    made.classList.toggle('aside', isAside)
    made.setAttribute('aria-label', [file, name.textContent, looks].filter(Boolean).join(', '))
  }

  function marked(): void {
    for (const [place, made] of cells.entries()) {
      made.setAttribute('aria-selected', String(chosen.has(numbers[place]!)))
      made.tabIndex = place === current ? 0 : -1
    }
    onChoice()
  }

  /** How many lie beside each other. */
  const across = (): number => {
    const second = cells.findIndex(made => made.offsetTop > cells[0]!.offsetTop)
    return second > 0 ? second : cells.length
  }

  function toggle(place: number): void {
    const number = numbers[place]!
    if (!chosen.delete(number)) chosen.add(number)
    current = anchor = place
    marked()
  }

  function chooseUpTo(place: number): void {
    for (let each = Math.min(anchor, place); each <= Math.max(anchor, place); each++) chosen.add(numbers[each]!)
    current = place
    marked()
  }

  grid.addEventListener('click', event => {
    const place = cells.indexOf((event.target as Element).closest('li')!)
    if (place < 0) return
    if (event.shiftKey) chooseUpTo(place)
    else toggle(place)
    cells[place]!.focus({ preventScroll: true })
  })

  return {
    chosen,
    show(next, state) {
      numbers = next
      chosen.clear()
      current = anchor = 0
      const aside = new Set(state.setAside)
      cells = numbers.map(number => {
        const made = cell(number)
        label(made, number, state, aside)
        return made
      })
      grid.replaceChildren(...cells)
      marked()
    },
    update(state) {
      const aside = new Set(state.setAside)
      for (const [place, made] of cells.entries()) label(made, numbers[place]!, state, aside)
    },
    targets: () =>
      chosen.size > 0 ? numbers.filter(number => chosen.has(number)) : numbers.slice(current, current + 1),
    choose(which) {
      if (which === 'current') return cells.length > 0 ? toggle(current) : undefined
      chosen.clear()
      if (which === 'all') for (const number of numbers) chosen.add(number)
      marked()
    },
    move(by, extend) {
      if (cells.length === 0) return
      const steps = by === 'row' ? across() : by === '-row' ? -across() : by
      const to = steps === 'first' ? 0 : steps === 'last' ? cells.length - 1 : current + steps
      const place = Math.max(0, Math.min(cells.length - 1, to))
      if (extend) chooseUpTo(place)
      else {
        current = anchor = place
        marked()
      }
      cells[place]!.focus()
    },
  }
}
