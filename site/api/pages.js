/**
 * The pages of the API: one for each group of names, one for types that are seen but cannot be imported, and the list of all. Fails when a
 * public name is in no group, in two, or has no docstring.
 */
import { ReflectionKind } from 'typedoc'
import { commentHtml, escapeHtml } from '../markdown.js'
import { entryHtml } from './entry.js'
import { groups } from './groups.js'
import { callsOf, commentOf, isHidden, membersOf, readPublicNames } from './read.js'
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
    if (!isHidden(reflection) || !reflection.kindOf([ReflectionKind.Interface, ReflectionKind.TypeAlias]))
      return undefined
    const same = wanted.filter(({ name }) => name === reflection.name).length
    const anchor = same === 0 ? reflection.name : `${reflection.name}-${same + 1}`
    wanted.push({ name: reflection.name, anchor, reflection, places: [] })
    homes.set(reflection.id, `${hidden.id}/#${anchor}`)
    return `../${homes.get(reflection.id)}`
  }
  const print = typeHtml(linkOf)
  const entry = item => entryHtml(item, print, places(item))

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
const places = ({ places }) => (places.length === 1 ? `${places[0]} only` : '')

/** Where each public name is explained, and the hidden types whose members stand below the function that takes them. */
function homesOf(names) {
  const homes = new Map()
  for (const { id, ...group } of groups) {
    for (const name of namesIn(group)) homes.set(names.get(name).reflection.id, `${id}/#${name}`)
  }
  for (const { id, ...group } of groups) {
    for (const name of namesIn(group)) {
      for (const call of callsOf(names.get(name).reflection)) {
        for (const { type } of call.parameters ?? []) {
          for (const { reflection } of type.type === 'intersection' ? type.types : [type]) {
            const isOwn = reflection && isHidden(reflection) && !homes.has(reflection.id)
            if (isOwn && membersOf(type).length > 0) homes.set(reflection.id, `${id}/#${name}`)
          }
        }
      }
    }
  }
  return homes
}

function page({ id, title, about }, items, html) {
  return {
    url: `api/${id}/`,
    title,
    section: 'api',
    description: about,
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
    description: 'Every public name of Fovea, by what it is for.',
    headings: [],
    html: `<h1>API</h1>\n<p>Every public name, by what it is for. Import it from <code>fovea</code>.</p>\n${lists.join('\n')}`,
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
