/** The frame of a page in the style of the reports, where the report's own is not what it is about: no network, no script. */
import type { Section } from './figure.ts'
import { policyOf } from './page-policy.ts'
import { pageStyle } from './page-style.ts'
import { escaped } from './svg.ts'

export interface PlainPage {
  /** Of the window and the heading. */
  readonly title: string
  /** Small, behind the heading. */
  readonly about: string
  /** HTML of the line below: where the page comes from. */
  readonly origin: string
  readonly sections: readonly Section[]
}

export function plainPage({ title, about, origin, sections }: PlainPage): string {
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join('')
  const contents = sections.length > 1 ? `<nav aria-label="Contents"><ul>${links}</ul></nav>` : ''
  const body = sections.map(({ id, title, html }) => `<section id="${id}"><h2>${escaped(title)}</h2>${html}</section>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${policyOf([])}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header><h1>${escaped(title)} <small>${escaped(about)}</small></h1><p class="origin">${origin}</p>${contents}</header>
<main>
${body.join('\n')}
</main>
</body>
</html>
`
}
