/** `npm run fuzz -- [options]`: compiles `test/fuzz`, then changes good files and reads them. `--help` tells the options. */
import { binOf, build, install, root, run } from './setup.mjs'

install()
build()
run(process.execPath, [binOf('typescript', 'tsc'), '-p', 'tsconfig.fuzz.json'])
run(process.execPath, [`${root}/dist.fuzz/test/fuzz/main.js`, ...process.argv.slice(2)])
