/** The pages in their order: guides, examples, API, inside. A page has an address, a title, its HTML and the headings to jump to. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { apiPages } from './api/pages.js'
import { examplePages } from './examples.js'
import { linksOf, rewriteLinks } from './links.js'
import { renderDocument, sectionOf } from './markdown.js'
import { documents, front, inRoot, labels } from './settings.js'

/**
 * @typedef {{ url: string, title: string, label?: string, section: string, html: string, source?: string, headings: Heading[] }} Page
 * `source` is the file in the repository that links of other files may name.
 * @typedef {{ id: string, text: string }} Heading
 */

let reading
/** @returns {Promise<{ list: Page[], files: string[] }>} and the files that pages show or lead to, to be copied */
export function allPages() {
  reading ??= readPages()
  return reading
}

async function readPages() {
  const pages = [
    ...guidePages(),
    ...examplePages(),
    ...(await apiPages()),
    ...documents.inside.flatMap(documentPages('inside')),
  ]
  const urls = new Map(pages.filter(({ source }) => source).map(({ source, url }) => [source, url]))
  const files = new Set()
  const list = pages.map(page => (page.source ? { ...page, html: rewriteLinks(page.html, page, urls, files) } : page))
  return { list, files: [...files] }
}

const textOf = path => readFileSync(inRoot(path), 'utf8').replaceAll('\r\n', '\n')

/** The front page, then the guides in the order in which it lists them. */
function guidePages() {
  const guides = textOf(front.guides)
  const order = linksOf(guides).map(link => posix.join(posix.dirname(front.guides), link))
  const rank = ({ source }) => (order.includes(source) ? order.indexOf(source) : order.length)
  const pages = documents.guide.flatMap(documentPages('guide')).filter(({ source }) => source !== front.guides)
  return [frontPage(guides), ...pages.sort((a, b) => rank(a) - rank(b))]
}

/** The README's sections are written as seen from the list of guides. */
function frontPage(guides) {
  const readme = textOf(front.readme)
  const up = posix.relative(posix.dirname(front.guides), posix.dirname(front.readme))
  const intro = front.sections.map(heading => sectionOf(readme, heading)).join('\n')
  const moved = intro.replace(/\]\((?!\w+:|#)/g, `](${up}/`)
  const { html, title, headings } = renderDocument(`${moved}\n${guides.replace(/^# .*\n/, '')}`)
  return { url: '', title, label: 'Start', section: 'guide', source: front.guides, html, headings }
}

/** Pages of a file, or of every file in a folder. */
const documentPages = section => path => {
  if (!existsSync(inRoot(path))) return []
  if (!path.endsWith('.md')) {
    const names = readdirSync(inRoot(path)).filter(name => name.endsWith('.md'))
    return names.sort().flatMap(name => documentPages(section)(`${path}/${name}`))
  }
  const url = `${path
    .replace(/^docs\/guide\//, 'guide/')
    .replace(/\.md$/, '')
    .toLowerCase()}/`
  return [{ url, section, source: path, label: labels[path], ...renderDocument(textOf(path)) }]
}
