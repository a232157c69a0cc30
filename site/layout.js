/** The frame of every page: name and sections above, the section's pages beside, the text, the way to the next page. */
import { relativeUrl } from './links.js'
import { escapeHtml } from './markdown.js'
import { sections } from './sections.js'

/** @typedef {import('./pages.js').Page} Page */

/** A ring with its middle, the fovea of an eye; in the file, so that no page asks for one. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="#1f5fd0" stroke-width="2"/><circle cx="8" cy="8" r="2.5" fill="#1f5fd0"/></svg>',
)}`

/** @param {Page} page @param {readonly Page[]} pages */
export function layout(page, pages) {
  const to = url => relativeUrl(page.url, url)
  const beside = pages.filter(({ section }) => section === page.section)
  const title = page.url === '' ? 'Fovea: image classifiers in TypeScript' : `${page.title} · Fovea`
  return `<!doctype html>
<html lang="en" data-root="${to('')}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${to('style.css')}">
<script type="module" src="${to('search.js')}"></script>
</head>
<body>
<header>
<a class="home" href="${to('')}">Fovea</a>
<nav aria-label="Sections">${sections.map(section => sectionLink(section, page, to)).join('\n')}</nav>
<button type="button" class="open-search" aria-haspopup="dialog">Search <kbd>/</kbd></button>
</header>
<div class="columns">
<nav class="beside" aria-label="Pages">
<details open><summary>Pages</summary>
<ul>
${beside.map(other => pageLink(other, page, to)).join('\n')}
</ul>
</details>
</nav>
<main${page.url === '' ? ' class="front"' : ''} data-pagefind-body data-pagefind-meta="title:${escapeHtml(page.label ?? page.title)}">
${page.html}
${nextLink(page, beside, to)}
</main>
</div>
<dialog class="search" aria-label="Search">
<form method="dialog"><input type="search" placeholder="Search guides, examples and API" aria-label="Search" autocomplete="off"><button>Close</button></form>
<ol></ol>
</dialog>
</body>
</html>
`
}

const current = is => (is ? ' aria-current="page"' : '')

function sectionLink({ id, title, url }, page, to) {
  return `<a href="${to(url)}"${current(id === page.section)}>${title}</a>`
}

function pageLink(other, page, to) {
  const link = `<a href="${to(other.url)}"${current(other === page)}>${escapeHtml(other.label ?? other.title)}</a>`
  if (other !== page || page.headings.length < 2) return `<li>${link}</li>`
  const headings = page.headings.map(({ id, text }) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`)
  return `<li>${link}\n<ul>\n${headings.join('\n')}\n</ul></li>`
}

/** Examples are read in order; a guide says itself what comes next. */
function nextLink(page, beside, to) {
  const next = beside[beside.indexOf(page) + 1]
  if (!next || page.section !== 'examples') return ''
  return `<p class="next" data-pagefind-ignore>Next: <a href="${to(next.url)}">${escapeHtml(next.label ?? next.title)}</a></p>`
}
