/** `npm run bench -- [options]`: compiles `bench` with the sources it measures, then runs it. `--help` tells the options. */
import { binOf, build, install, root, run } from './setup.mjs'

install()
build()
run(process.execPath, [binOf('typescript', 'tsc'), '-p', 'tsconfig.bench.json'])
run(process.execPath, [`${root}/dist.bench/bench/main.js`, ...process.argv.slice(2)])
