/**
 * The pages of the API: one for each group of names, one for types that are seen but cannot be imported, and the list of all. Fails when a
 * public name is in no group, in two, or has no docstring.
 */
import { commentHtml, escapeHtml } from '../markdown.js'
import { library } from '../settings.js'
import { entryHtml } from './entry.js'
import { groups } from './groups.js'
import { commentOf, isHidden, isType, optionTypesOf, readPublicNames } from './read.js'
import { typeHtml } from './type-html.js'

const hidden = {
  id: 'types',
  title: 'Types behind the names',
  about: 'Types that a signature mentions and that cannot be imported: what they consist of.',
}

export async function apiPages() {
  const names = await readPublicNames()
  check(names)
  const homes = homesOf(names)
  const wanted = []
  /** From any page of the API to the place where a reflection is explained; hidden types are remembered when first asked for. */
  const linkOf = reflection => {
    const known = homes.get(reflection.id)
    if (known) return `../${known}`
    if (!isHidden(reflection) || !isType(reflection)) return undefined
    const same = wanted.filter(({ name }) => name === reflection.name).length
    const anchor = same === 0 ? reflection.name : `${reflection.name}-${same + 1}`
    wanted.push({ name: reflection.name, anchor, reflection, entries: [] })
    homes.set(reflection.id, `${hidden.id}/#${anchor}`)
    return `../${homes.get(reflection.id)}`
  }
  const print = typeHtml(linkOf)
  const entry = item => entryHtml(item, print, whereabouts(item))

  const pages = groups.map(group => {
    const items = namesIn(group).map(name => ({ ...names.get(name), anchor: name }))
    return page(group, items, items.map(entry))
  })
  // Explaining a hidden type may ask for others: the list grows while it is read.
  const explained = []
  for (const item of wanted) explained.push({ item, html: entry(item) })
  explained.sort((a, b) => (a.item.anchor.toLowerCase() < b.item.anchor.toLowerCase() ? -1 : 1))
  pages.push(
    page(
      hidden,
      explained.map(({ item }) => item),
      explained.map(({ html }) => html),
    ),
  )
  return [indexPage(), ...pages]
}

const words = text => text.split(/\s+/).filter(Boolean)
const namesIn = ({ names, types }) => [...words(names), ...words(types)]

/** From which package a name comes and where it exists, unless that is the library and everywhere. */
function whereabouts({ entries: [first, ...others] }) {
  if (first === undefined) return ''
  const siblings = library.entries.filter(({ name }) => name === first.name)
  const place = siblings.length > 1 + others.length ? `${first.place} only` : ''
  return [first.name === library.entries[0].name ? '' : first.name, place].filter(Boolean).join(', ')
}

/** Where each public name is explained, and the hidden types whose members stand below the function that takes them. */
function homesOf(names) {
  const places = groups.flatMap(group =>
    namesIn(group).map(name => ({ reflection: names.get(name).reflection, home: `${group.id}/#${name}` })),
  )
  const homes = new Map(places.map(({ reflection, home }) => [reflection.id, home]))
  for (const { reflection, home } of places) {
    for (const { id } of optionTypesOf(reflection)) if (!homes.has(id)) homes.set(id, home)
  }
  return homes
}

function page({ id, title, about }, items, html) {
  return {
    url: `api/${id}/`,
    title,
    section: 'api',
    headings: items.map(({ name, anchor }) => ({ id: anchor, text: name })),
    html: `<h1>${escapeHtml(title)}</h1>\n${commentHtml(about)}\n${html.join('\n')}`,
  }
}

function indexPage() {
  const lists = [...groups, { ...hidden, names: '', types: '' }].map(group => {
    const links = namesIn(group).map(name => `<li><a href="${group.id}/#${name}">${name}</a></li>`)
    return `<h2 id="${group.id}"><a href="${group.id}/">${escapeHtml(group.title)}</a></h2>
${commentHtml(group.about)}<ul class="names">${links.join('\n')}</ul>`
  })
  return {
    url: 'api/',
    title: 'API',
    section: 'api',
    headings: [],
    html: `<h1>API</h1>\n<p>Every public name, by what it is for. Import it from <code>fovea</code>, or from the package named beside it.</p>\n${lists.join('\n')}`,
  }
}

function check(names) {
  const grouped = groups.flatMap(namesIn)
  const problems = {
    'in no group of site/api/groups.js': [...names.keys()].filter(name => !grouped.includes(name)),
    'in two groups of site/api/groups.js': grouped.filter((name, at) => grouped.indexOf(name) !== at),
    'in site/api/groups.js but not public': grouped.filter(name => !names.has(name)),
    'public without a docstring': [...names.values()]
      .filter(({ reflection }) => commentOf(reflection) === '')
      .map(({ name }) => name),
  }
  const found = Object.entries(problems).filter(([, list]) => list.length > 0)
  if (found.length > 0)
    throw new Error(found.map(([what, list]) => `${list.length} ${what}: ${list.join(', ')}`).join('\n'))
}
