/** The search of every page: opened by its button or by `/`. Pagefind's index lies beside the pages; it is fetched when first asked. */
const dialog = document.querySelector('dialog.search')
const field = dialog.querySelector('input')
const list = dialog.querySelector('ol')
const index = new URL(`${document.documentElement.dataset.root}pagefind/pagefind.js`, location.href).href
const shownPages = 8
const shownPlaces = 4

let pagefind
async function open() {
  dialog.showModal()
  field.select()
  pagefind ??= await import(index)
  await pagefind.init()
}

async function search() {
  const asked = field.value.trim()
  pagefind ??= await import(index)
  const found = await pagefind.debouncedSearch(asked, {}, 120)
  // Typing went on: a later call answers.
  if (found === null || asked !== field.value.trim()) return
  const pages = await Promise.all(found.results.slice(0, shownPages).map(result => result.data()))
  list.replaceChildren(...pages.map(pageItem))
  if (pages.length === 0 && asked !== '') list.append(element('li', 'Nothing was found.'))
}

/** A page, and the headings in it below which the words stand. */
function pageItem({ url, meta, excerpt, sub_results }) {
  const places = sub_results.filter(place => place.url !== url && place.title !== meta.title).slice(0, shownPlaces)
  const item = element('li', link(url, meta.title))
  if (places.length === 0) item.append(excerptOf(excerpt))
  else
    item.append(
      element('ul', ...places.map(place => element('li', link(place.url, place.title), excerptOf(place.excerpt)))),
    )
  return item
}

/** Pagefind escapes the text and marks the words. */
function excerptOf(html) {
  const text = element('p')
  text.innerHTML = html
  return text
}

function link(href, text) {
  const anchor = element('a', text)
  anchor.href = href
  anchor.addEventListener('click', () => dialog.close())
  return anchor
}

function element(name, ...children) {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

document.querySelector('.open-search').addEventListener('click', open)
field.addEventListener('input', search)
document.addEventListener('keydown', event => {
  const types = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '')
  if (event.key !== '/' || types || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  open()
})
// A phone has no room beside the text: the list of pages is closed at first.
if (matchMedia('(max-width: 56rem)').matches) document.querySelector('.beside details').open = false
