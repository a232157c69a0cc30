/** The search of every page: opened by its button or by `/`. Pagefind's index lies beside the pages; it is fetched when first asked. */
const dialog = document.querySelector('dialog.search')
const field = dialog.querySelector('input')
const list = dialog.querySelector('ol')
const index = new URL(`${document.documentElement.dataset.root}pagefind/pagefind.js`, location.href).href
const shownPages = 8
const shownPlaces = 4

/** Milliseconds without a key before what was typed is looked for. */
const pause = 120

let loading
function loaded() {
  loading ??= import(index).then(async pagefind => {
    await pagefind.init()
    return pagefind
  })
  return loading
}

function open() {
  dialog.showModal()
  field.select()
  return search()
}

/** Calls so far: the last one answers, the others typed on. */
let calls = 0
async function search() {
  const call = ++calls
  const [pagefind] = await Promise.all([loaded(), new Promise(resolve => setTimeout(resolve, pause))])
  if (call !== calls) return
  const asked = field.value.trim()
  const found = await pagefind.search(asked)
  const pages = await Promise.all(found.results.slice(0, shownPages).map(result => result.data()))
  if (call !== calls) return
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
