/** `npm run demo`: an MLP and a CNN learn the same generated pictures, offline, and are compared. */
import { build, install, root, run } from './setup.mjs'

install()
build()
run(process.execPath, [
  `${root}/packages/cli/bin/fovea.js`,
  'compare',
  'shapes-mlp',
  'shapes-cnn',
  ...process.argv.slice(2),
])
