/** The script of the report's page, in one file without imports, for pages opened from disk: from the sources of all packages. */
export default {
  input: 'packages/cli/src/page/live.ts',
  platform: 'browser',
  resolve: { conditionNames: ['fovea-source', 'browser', 'import', 'default'] },
  output: { format: 'iife', minify: true },
}
