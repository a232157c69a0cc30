/**
 * `node site/check-links.js FOLDER`: every link in the finished site leads to a page or file of it, and every anchor to a place in that page.
 * Prints what does not, one line each, and fails.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { posix, relative } from 'node:path'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Name the folder of the finished site')

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => posix.join(relative(folder, entry.parentPath).replaceAll('\\', '/'), entry.name))
const pages = new Map(files.filter(isPage).map(file => [file, contentOf(readFileSync(`${folder}/${file}`, 'utf8'))]))
const known = new Set(files)

const broken = [...pages].flatMap(([page, { links }]) =>
  links
    .map(link => ({ link, why: fault(page, link) }))
    .filter(({ why }) => why)
    .map(({ link, why }) => `${page}: ${link}: ${why}`),
)
const count = [...pages.values()].reduce((sum, { links }) => sum + links.length, 0)
if (broken.length > 0) {
  console.error(broken.join('\n'))
  console.error(`${broken.length} of ${count} links lead nowhere`)
  process.exitCode = 1
} else console.log(`${pages.size} pages, ${count} links: all lead somewhere`)

function isPage(file) {
  return file.endsWith('.html')
}

function contentOf(html) {
  const tags = html.match(/<[a-z][^>]*>/g) ?? []
  const values = name =>
    tags.flatMap(tag => [...tag.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value]) => value))
  return { ids: new Set(values('id')), links: ['href', 'src', 'srcset'].flatMap(values).map(decode) }
}

/** Why a link is broken; undefined for one that is not, and for addresses of other sites. */
function fault(page, link) {
  if (/^\w+:/.test(link)) return undefined
  const [path, anchor] = link.split('#')
  const target = path === '' ? page : posix.join(posix.dirname(page), path)
  if (target.startsWith('..')) return 'outside of the site'
  const file = [target, posix.join(target, 'index.html')].find(each => known.has(each))
  if (file === undefined) return 'no such page or file'
  if (anchor === undefined || anchor === '' || !isPage(file)) return undefined
  return pages.get(file).ids.has(decodeURIComponent(anchor)) ? undefined : `${file} has no place #${anchor}`
}

function decode(text) {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replaceAll('&amp;', '&')
}
