/**
 * `npm run docs`: the documentation as a site in `site/dist`, with its search, and every link in it checked. The site's tools are packages of
 * `site` alone. `npm run docs -- --serve` then shows it in a browser of this machine.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { binOf, install, root, run } from './setup.mjs'

const site = join(root, 'site')
const output = join(site, 'dist')
const here = { cwd: site }

install()
install(site)
rmSync(output, { recursive: true, force: true })
run(process.execPath, [binOf('@11ty/eleventy', 'eleventy', site)], here)
const pagefind = [binOf('pagefind', 'pagefind', site), '--site', output]
run(process.execPath, [...pagefind, '--quiet'], here)
run(process.execPath, ['check-links.js', output], here)
if (process.argv.includes('--serve')) run(process.execPath, [...pagefind, '--serve'], here)
