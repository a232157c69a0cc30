/**
 * Where everything of the site comes from and goes to: the one file to change when sources move. Paths are relative to the
 * repository's root.
 */
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')
export const inRoot = (/** @type {string} */ path) => join(root, path)

/**
 * What can be imported: the entries of every package, the library first. A name of several entries is explained once, as the first has it.
 * `place` tells entries of one package apart.
 */
export const library = {
  tsconfig: 'tsconfig.json',
  entries: [
    { name: 'fovea', file: 'packages/fovea/src/index.ts', place: 'Node' },
    { name: 'fovea', file: 'packages/fovea/src/browser.ts', place: 'browser' },
    { name: '@fovea/pictures', file: 'packages/pictures/src/index.ts', place: 'Node' },
    { name: '@fovea/formats', file: 'packages/formats/src/index.ts', place: 'Node' },
    { name: '@fovea/server', file: 'packages/server/src/index.ts', place: 'everywhere' },
    { name: '@fovea/server', file: 'packages/server/src/node.ts', place: 'Node' },
    { name: '@fovea/cli', file: 'packages/cli/src/index.ts', place: 'Node' },
  ],
}

/** The front page: these sections of the README, then the guides by question, in the order in which they are listed there. */
export const front = { readme: 'README.md', sections: ['Fovea', 'A first model'], guides: 'docs/guide/README.md' }

/** Markdown that becomes pages, by the section of the site it belongs to; of a folder, everything. */
export const documents = {
  guide: ['docs/guide', 'docs/keras.md', 'README.md'],
  inside: [
    ...[
      'docs/architecture.md',
      'docs/glossary.md',
      'docs/recipes.md',
      'docs/performance.md',
      'docs/log.md',
      'docs/log',
    ],
    ...['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ],
}

/** What a page is called in the list beside it, where its own title says too little. */
export const labels = { 'README.md': 'Recipes, data, commands' }

/** Programs, each with a header that says its idea, and the page that lists them; exercises, and programs that solve them. */
export const examples = {
  folder: 'examples',
  list: 'examples/README.md',
  exercises: 'examples/exercises.md',
  solutions: 'examples/solutions',
}

/** The finished site. */
export const output = 'site/dist'
