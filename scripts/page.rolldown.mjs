/**
 * The scripts of pages, each in one file without imports, from the sources of all packages: of the report's figures and of its part to try
 * a model out, which are opened from disk, and of the review; and the JavaScript of exported classifiers.
 */
const resolve = { conditionNames: ['fovea-source', 'browser', 'import', 'default'] }

export default [
  ...['figures', 'live', 'review'].map(name => ({
    input: `packages/cli/src/page/${name}.ts`,
    platform: 'browser',
    resolve,
    output: { format: 'iife', minify: true, entryFileNames: `${name}-page.js` },
  })),
  // What `fovea export` writes beside a classifier, or around it.
  ...['classifier', 'classifier-file'].map(name => ({
    input: `packages/cli/src/page/${name}.ts`,
    platform: 'neutral',
    resolve,
    output: { format: 'esm', minify: true, codeSplitting: false, entryFileNames: `${name}-page.js` },
  })),
]
