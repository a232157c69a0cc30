/** The finished site: a stranger's first ten questions lead to their answers, every public name is explained, the search finds. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as cli from '../../packages/cli/src/index.ts'
import * as fovea from '../../packages/fovea/src/index.ts'
import * as pictures from '../../packages/pictures/src/index.ts'
import { chromiumPath, hasChromium, launchChromium } from '../package/chromium.testing.ts'
import { serveFolder } from '../package/static-server.testing.ts'
import { root } from '../source-files.testing.ts'

const site = join(root, 'site/dist')

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/docs.mjs')], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
})

const page = (url: string): string => readFileSync(join(site, url, 'index.html'), 'utf8')
/** Without the frame: what the page itself says. */
const textOf = (url: string): string => page(url).match(/<main[\s\S]*<\/main>/)![0]

/** Pages that the text of a page leads to. */
function leadsTo(url: string): string[] {
  const links = [...textOf(url).matchAll(/<a [^>]*href="([^"#:]*)(?:#[^"]*)?"/g)].map(([, link]) => link!)
  return links
    .map(link => posix.join('/', url, link).slice(1))
    .filter(each => existsSync(join(site, each, 'index.html')))
}

/** Where a question is answered, and what stands there. */
const questions = [
  { question: 'install', answer: 'guide/install/', says: /npm install/ },
  { question: 'first model', answer: 'guide/first-model/', says: /\.fit/ },
  { question: 'a usual job', answer: 'guide/jobs/', says: /classify/ },
  { question: 'own arrays', answer: 'guide/own-data/', says: /typed array/ },
  { question: 'save and load', answer: 'guide/save-and-load/', says: /loadModel/ },
  { question: 'metrics', answer: 'guide/metrics/', says: /precision/ },
  { question: 'callbacks', answer: 'guide/callbacks/', says: /earlyStopping/ },
  { question: 'threads', answer: 'guide/threads/', says: /threads/ },
  { question: 'browser', answer: 'guide/browser/', says: /Cross-Origin-Opener-Policy/ },
  { question: 'explain', answer: 'guide/explain/', says: /gradCamOf/ },
  { question: 'errors', answer: 'guide/errors/', says: /UserError/ },
]

describe('from the front page, by at most two links of the text', () => {
  test.each(questions)('$question', ({ answer, says }) => {
    const first = leadsTo('')
    const reached = new Set([...first, ...first.flatMap(leadsTo)])
    expect([...reached]).toContain(answer)
    const text = textOf(answer).replace(/<[^>]*>/g, '')
    expect(text).toMatch(says)
    expect(textOf(answer)).toMatch(/<pre class="shiki[\s\S]*import/)
  })
})

test('every value of the packages is explained in one place, which says more than its name', () => {
  const groups = leadsTo('api/').filter(url => /^api\/\w+\/$/.test(url))
  const explained = [...new Set(groups)].flatMap(url =>
    [...textOf(url).matchAll(/<section class="name">\n<h2 id="(\w+)">[\s\S]*?<\/pre>\n(<p>)?/g)].map(
      ([, name, text]) => ({ name, text }),
    ),
  )
  for (const name of Object.keys({ ...fovea, ...pictures, ...cli })) {
    expect(
      explained.filter(each => each.name === name),
      name,
    ).toEqual([{ name, text: '<p>' }])
  }
})

const noBrowser = !hasChromium && !process.env['FOVEA_REQUIRE_BROWSER']

describe.skipIf(noBrowser)(`in the Chromium at ${chromiumPath}`, () => {
  test('the search finds a name of the API, and no page is wider than a phone', async () => {
    const server = await serveFolder(site)
    const browser = await launchChromium()
    try {
      const shown = await browser.newPage({ viewport: { width: 390, height: 800 } })
      const faults: string[] = []
      shown.on('pageerror', error => faults.push(error.message))
      for (const url of [
        '',
        'readme/',
        'guide/save-and-load/',
        'api/layers/',
        'api/types/',
        'examples/21-save-and-predict/',
        'docs/log/',
      ]) {
        await shown.goto(server.url + url)
        const excess = await shown.evaluate('document.documentElement.scrollWidth - innerWidth')
        if (excess !== 0) faults.push(`${url} is too wide by ${excess}`)
      }
      await shown.keyboard.press('/')
      await shown.keyboard.type('earlyStopping')
      await shown
        .locator('.search a', { hasText: /^earlyStopping/ })
        .first()
        .click()
      await shown.waitForURL(/\/api\/callbacks\/#earlyStopping$/)
      expect(faults).toEqual([])
    } finally {
      await browser.close()
      await server.close()
    }
  })
})
