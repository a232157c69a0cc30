/**
 * `npm test [-- vitest options]`: sets the checkout up, then runs the unit suites. With `--slow` first: the slower suites
 * (package, browser, real data) instead.
 */
import { binOf, build, install, run } from './setup.mjs'

install()
build()
const [first, ...others] = process.argv.slice(2)
const slow = first === '--slow'
const options = slow ? ['--config', 'vitest.slow.config.ts', ...others] : process.argv.slice(2)
run(process.execPath, [binOf('vitest'), 'run', ...options])
