/** A page of a classifier alone: a picture is given, its classes are shown. Pure: the model and the script are handed in. */
import { type LiveModel, liveSection } from './live.ts'
import { liveCss } from './live-style.ts'
import { policyOf, scriptAtEnd } from './page-policy.ts'
import { pageStyle } from './page-style.ts'
import { escaped } from './svg.ts'

export function classifierPage(title: string, live: LiveModel, version: string): string {
  const section = liveSection(live)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${policyOf(scriptAtEnd(section))}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle}${liveCss}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1>
<p class="origin">${live.document.classNames.length} classes: ${escaped(live.document.classNames.slice(0, 40).join(', '))}${live.document.classNames.length > 40 ? ' …' : ''}. Written by Fovea ${escaped(version)}.</p></header>
<main>
${section}
</main>
</body>
</html>
`
}
