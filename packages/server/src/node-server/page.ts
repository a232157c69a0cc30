/** The page at `/`: what is served, a box to try it, live figures. Three small files of its own, and nothing from elsewhere. */
import type { Reply } from '../serving/contract.ts'
import { serverPageScript } from './page-script.ts'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fovea server</title>
<link rel="stylesheet" href="fovea-page.css">
<script type="module" src="fovea-page.js"></script>
</head>
<body>
<header><h1>Fovea <span>serves</span></h1><p id="state" role="status">Asking the server …</p></header>
<main>
<section id="try">
<h2>Try it</h2>
<p class="row"><label>Model <select id="model"></select></label>
<label id="token-row" hidden>Token <input id="token" type="password" autocomplete="off"></label></p>
<label id="drop" class="drop"><input id="file" type="file" accept="image/*"><img id="shown" alt="" hidden>
<span>Choose a picture, drop it here, or paste it</span></label>
<ol id="answer" aria-live="polite"></ol>
</section>
<section>
<h2>Ask from elsewhere</h2>
<pre><code id="curl"></code></pre>
<p><button type="button" id="copy">Copy</button> <a href="openapi.json">All addresses (OpenAPI)</a> · <a href="metrics">Metrics</a></p>
</section>
<section>
<h2>Now</h2>
<dl id="figures"></dl>
</section>
<section>
<h2>Models</h2>
<div id="models"></div>
</section>
</main>
</body>
</html>
`

const css = `
:root { color-scheme: light dark; --paper: light-dark(#ffffff, #14171c); --ink: light-dark(#1c2128, #e4e8ee);
  --faint: light-dark(#5d6673, #9aa4b2); --line: light-dark(#d5dae1, #343b45); --panel: light-dark(#f5f7f9, #1d2229);
  --main: light-dark(#1f6fd6, #6aa8ff); --wrong: light-dark(#c4281c, #ff8a7a); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, main { max-width: 68rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.5rem; margin: 0; } h1 span { font-weight: 400; color: var(--faint); }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
main { display: grid; align-items: start; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
@media (min-width: 60rem) { #try { grid-row: span 3; } }
section { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; min-width: 0; }
#state { margin: 0; color: var(--faint); } #state.wrong { color: var(--wrong); }
.row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; margin: 0 0 .75rem; }
select, input, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .3rem; padding: .25rem .5rem; }
.drop { display: grid; place-items: center; gap: .5rem; min-height: 9rem; padding: 1rem; text-align: center; cursor: pointer;
  border: 2px dashed var(--line); border-radius: .5rem; color: var(--faint); }
.drop.over, .drop:focus-within { border-color: var(--main); }
.drop input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.drop img { max-width: 100%; max-height: 14rem; }
ol { list-style: none; margin: .75rem 0 0; padding: 0; }
ol li { display: grid; grid-template-columns: 9rem 1fr 4rem; gap: .5rem; align-items: center; }
ol li > * { min-width: 0; overflow-wrap: anywhere; } ol li b { text-align: right; font-weight: 400; font-variant-numeric: tabular-nums; }
meter { width: 100%; height: 1rem; }
.wrong { color: var(--wrong); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 .75rem; padding: .75rem; background: var(--paper); border: 1px solid var(--line); border-radius: .3rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 0; }
dt { color: var(--faint); font-size: .85rem; } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
h3 { font-size: 1rem; margin: .75rem 0 .25rem; } #models p { margin: .1rem 0; color: var(--faint); overflow-wrap: anywhere; }
a { color: var(--main); }
`

const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
  '/': ['text/html', html],
  '/fovea-page.css': ['text/css', css],
  '/fovea-page.js': ['text/javascript', `(${serverPageScript.toString()})()\n`],
}

/** Undefined for addresses of others. */
export function pageReply(path: string): Reply | undefined {
  if (path === '/favicon.ico') return { status: 204, headers: {}, body: [] }
  const file = Object.hasOwn(files, path) ? files[path] : undefined
  if (file === undefined) return undefined
  const [type, text] = file
  return {
    status: 200,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
    body: [text],
  }
}
