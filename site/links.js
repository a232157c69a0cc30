/**
 * Links as they stand in the sources (`../keras.md#one-model`) become links of the site. A file that is no page is copied beside the
 * pages, below `files/`. What leads nowhere is left as it is: the check of the finished site finds it.
 */
import { existsSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { inRoot } from './settings.js'

/** From one page to another address of the site: `guide/install/` to `api/` is `../../api/`. */
export function relativeUrl(from, to) {
  const up = '../'.repeat(from.split('/').length - 1)
  return up + to || './'
}

/**
 * @param {string} html of a page
 * @param {{ source: string, url: string }} page its path in the repository, its address
 * @param {ReadonlyMap<string, string>} urls addresses of pages by path in the repository
 * @param {Set<string>} files gets the paths of files to copy
 */
export function rewriteLinks(html, { source, url }, urls, files) {
  return html.replace(/<[a-z][^>]*>/g, tag =>
    tag.replace(/\b(href|src|srcset)="([^"]*)"/g, (whole, name, link) => {
      if (/^(\w+:|#)/.test(link)) return whole
      const [path, anchor] = link.split('#')
      const target = posix.join(posix.dirname(source), path)
      const page = urls.get(target)
      if (page === undefined) {
        if (!existsSync(inRoot(target)) || !statSync(inRoot(target)).isFile()) return whole
        files.add(target)
      }
      const address = relativeUrl(url, page ?? `files/${target}`)
      return `${name}="${address}${anchor === undefined ? '' : `#${anchor}`}"`
    }),
  )
}

/** Targets of the links to files in Markdown, in order. */
export const linksOf = text =>
  [...text.matchAll(/\]\(([^)#\s]+)/g)].map(([, target]) => target).filter(target => !/^\w+:/.test(target))
