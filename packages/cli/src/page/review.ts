/**
 * The script of the review's page (review/review-page.ts writes its elements). The server has the truth: a change is asked for, and its
 * answer, the labels of all pictures, is what is shown. Pictures stay in their places until another filter is chosen, however they change.
 */
import type { ReviewedSet, ReviewRequest, ReviewState } from '../review/reviewed-set.ts'
import { element } from './element.ts'
import { reviewGrid } from './review-grid.ts'
import {
  classKeys,
  type KeyAction,
  keyAction,
  pageSize,
  type ReviewFilter,
  type Shown,
  shownPictures,
} from './review-view.ts'

const grouped = (count: number): string => count.toLocaleString('en')
const counted = (count: number, one: string): string => `${grouped(count)} ${one}${count === 1 ? '' : 's'}`

function say(text: string, isWrong = false): void {
  const said = element('said')
  said.textContent = text
  said.classList.toggle('wrong', isWrong)
}

function option(value: string, text: string): HTMLOptionElement {
  const made = document.createElement('option')
  made.value = value
  made.textContent = text
  return made
}

function serve(set: ReviewedSet): void {
  const { classNames, pictures } = set
  const keys = classKeys(classNames.length)
  const grid = reviewGrid(set, showChoice)
  const select = (id: string) => element<HTMLSelectElement>(id)
  const button = (id: string) => element<HTMLButtonElement>(id)
  let state = set.state
  let shown: readonly number[] = []
  let page = 0
  /** Changes are written one after the other. */
  let last: Promise<unknown> = Promise.resolve()

  function filter(): ReviewFilter {
    const label = select('class').value
    const part = select('part').value
    return {
      show: select('show').value as Shown,
      ...(label !== '' && { label: Number(label) }),
      ...(part !== '' && { part }),
      byName: select('order').value === 'name',
    }
  }

  function turn(to: number): void {
    page = to
    const begin = page * pageSize
    const end = Math.min(begin + pageSize, shown.length)
    grid.show(shown.slice(begin, end), state)
    element('none').hidden = shown.length > 0
    element('count').textContent =
      shown.length === 0 ? '0' : `${grouped(begin + 1)}–${grouped(end)} of ${grouped(shown.length)}`
    button('previous').disabled = page === 0
    button('next').disabled = end === shown.length
    scrollTo(0, 0)
  }

  function refilter(): void {
    shown = shownPictures(set, state, filter())
    turn(0)
  }

  function showChoice(): void {
    const { size } = grid.chosen
    element('chosen').textContent = size === 0 ? 'none chosen' : `${grouped(size)} chosen`
  }

  function showState(next: ReviewState): void {
    state = next
    grid.update(state)
    const { changes, setAside } = state
    const aside = new Set(setAside)
    const isRelabelled = (number: number): boolean =>
      !aside.has(number) && pictures[number]!.trainedAs !== state.labels[number]
    const relabelled = pictures.filter((_, number) => isRelabelled(number)).length
    element('changes').textContent = counted(changes, 'change')
    element('counts').textContent =
      `${counted(relabelled, 'picture')} relabelled, ${grouped(setAside.length)} set aside.`
    button('undo').disabled = changes === 0
  }

  /** Gives what to say. */
  async function ask(request: ReviewRequest, said: string): Promise<readonly [text: string, isWrong?: true]> {
    const response = await fetch('changes', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    }).catch(() => undefined)
    if (!response) return ['The review has ended: this change is not written. Start it again in the terminal.', true]
    const answer = await response.json().catch(() => ({ error: response.statusText }))
    if (!response.ok) return [`This change is not written. ${answer.error}`, true]
    const before = state.changes
    showState(answer)
    return [before === state.changes ? 'Nothing to change.' : said]
  }

  function change(request: ReviewRequest, said: string): void {
    last = last.then(async () => say(...(await ask(request, said))))
  }

  /** After a single picture comes the next; several are no longer chosen. */
  function done(): void {
    if (grid.chosen.size > 0) grid.choose('none')
    else grid.move(1, false)
  }

  function relabel(numbers: readonly number[], to: number): void {
    if (numbers.length === 0) return
    change({ type: 'relabel', pictures: numbers, to }, `${counted(numbers.length, 'picture')} → ${classNames[to]}`)
  }

  /** Each of them as what it looks like. */
  function takeSuggestions(): void {
    const suggested = grid.targets().filter(number => pictures[number]!.suggested !== undefined)
    if (suggested.length === 0) {
      say('Nothing is suggested for them.')
      return
    }
    for (const to of classNames.keys())
      relabel(
        suggested.filter(number => pictures[number]!.suggested === to),
        to,
      )
    done()
  }

  function move(type: 'set-aside' | 'restore'): void {
    const numbers = grid.targets()
    if (numbers.length === 0) return
    change(
      { type, pictures: numbers },
      `${counted(numbers.length, 'picture')} ${type === 'restore' ? 'used again' : 'set aside'}`,
    )
    done()
  }

  function act(action: KeyAction): void {
    if (action.type === 'relabel') {
      relabel(grid.targets(), action.to)
      done()
    } else if (action.type === 'move') grid.move(action.by, action.extends)
    else if (action.type === 'undo') change({ type: 'undo' }, 'The last change is taken back.')
    else if (action.type === 'suggested') takeSuggestions()
    else if (action.type === 'choose') grid.choose('current')
    else if (action.type === 'all') grid.choose('all')
    else if (action.type === 'clear') grid.choose('none')
    else move(action.type)
  }

  element('run').textContent = set.run
  element('about').textContent =
    `${counted(pictures.length, 'picture')} of ${set.folder} in ${classNames.length === 1 ? '1 class' : `${classNames.length} classes`}. Every change is written to ${set.logFile} at once.`
  element('again').textContent = set.commands.again
  element('apply').textContent = set.commands.apply
  select('class').append(...classNames.map((name, index) => option(String(index), name)))
  select('part').append(...[...new Set(pictures.map(({ part }) => part))].map(part => option(part, part)))
  if (!pictures.some(({ suggested }) => suggested !== undefined)) select('order').value = 'name'
  element('classes').append(
    ...classNames.map((name, to) => {
      const made = document.createElement('button')
      made.type = 'button'
      made.append(name)
      const key = keys[to]
      if (key !== undefined) {
        const shownKey = document.createElement('kbd')
        shownKey.textContent = key.toUpperCase()
        made.append(' ', shownKey)
      }
      made.addEventListener('click', () => act({ type: 'relabel', to }))
      return made
    }),
  )
  for (const id of ['show', 'class', 'part', 'order']) select(id).addEventListener('change', refilter)
  const size = element<HTMLInputElement>('size')
  size.addEventListener('input', () => element('grid').style.setProperty('--cell', `${size.value}rem`))
  button('previous').addEventListener('click', () => turn(page - 1))
  button('next').addEventListener('click', () => turn(page + 1))
  const buttons = {
    undo: 'undo',
    suggested: 'suggested',
    aside: 'set-aside',
    restore: 'restore',
    all: 'all',
    clear: 'clear',
  } as const
  for (const [id, type] of Object.entries(buttons)) button(id).addEventListener('click', () => act({ type }))
  for (const copy of document.querySelectorAll<HTMLButtonElement>('[data-copy]'))
    copy.addEventListener('click', async () => {
      await navigator.clipboard.writeText(element(copy.dataset['copy']!).textContent!)
      copy.textContent = 'Copied'
    })
  document.addEventListener('keydown', event => {
    const at = event.target as Element
    if (at.closest('select, input')) return
    // A button has Space and Enter itself.
    if (event.key === ' ' && at.closest('button')) return
    const action = keyAction(event, classNames.length)
    if (action === undefined) return
    event.preventDefault()
    act(action)
  })
  refilter()
  showState(state)
}

async function start(): Promise<void> {
  const response = await fetch('pictures')
  serve((await response.json()) as ReviewedSet)
}

start().catch(error => say(`The pictures cannot be listed: ${(error as Error).message}`, true))
