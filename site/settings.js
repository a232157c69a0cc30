/**
 * Where everything of the site comes from and goes to: the one file to change when sources move. Paths are relative to the
 * repository's root.
 */
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')
export const inRoot = (/** @type {string} */ path) => join(root, path)

/** What can be imported, and where it exists. A name of several entries is explained once, as the first has it. */
export const library = {
  tsconfig: 'tsconfig.json',
  entries: [
    { file: 'src/index.ts', place: 'Node' },
    { file: 'src/browser.ts', place: 'browser' },
  ],
}

/** The front page: these sections of the README, then the list of guides. */
export const front = { readme: 'README.md', sections: ['Fovea', 'A first model'], guides: 'docs/guide/README.md' }

/** Folders of Markdown that become pages, by the section of the site they belong to. */
export const documents = [
  { section: 'guide', title: 'Guide', files: ['docs/guide/*.md', 'docs/keras.md', 'README.md'] },
  {
    section: 'inside',
    title: 'Inside',
    files: [
      ...['docs/architecture.md', 'docs/glossary.md', 'docs/performance.md', 'docs/log.md', 'docs/log/*.md'],
      ...['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
    ],
  },
]

/** Programs, each with a header that says its idea, and the page that lists them. */
export const examples = { folder: 'examples', list: 'examples/README.md' }

/** The finished site. */
export const output = 'site/dist'
