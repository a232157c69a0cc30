/**
 * The scripts of the report's page, each in one file without imports, for pages opened from disk, from the sources of all packages:
 * of its figures, and of the part to try a model out.
 */
export default ['figures', 'live'].map(name => ({
  input: `packages/cli/src/page/${name}.ts`,
  platform: 'browser',
  resolve: { conditionNames: ['fovea-source', 'browser', 'import', 'default'] },
  output: { format: 'iife', minify: true, entryFileNames: `${name}-page.js` },
}))
