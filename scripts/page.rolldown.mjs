/**
 * The scripts of pages, each in one file without imports, from the sources of all packages: of the report's figures and of its part to try
 * a model out, which are opened from disk, and of the review.
 */
export default ['figures', 'live', 'review'].map(name => ({
  input: `packages/cli/src/page/${name}.ts`,
  platform: 'browser',
  resolve: { conditionNames: ['fovea-source', 'browser', 'import', 'default'] },
  output: { format: 'iife', minify: true, entryFileNames: `${name}-page.js` },
}))
