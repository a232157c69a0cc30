/**
 * The page that an example leaves in `examples/out`: why it is worth a look (the comment it begins with), what it shows and prints, and
 * whether it reached its target. One HTML file that needs nothing else, in light and dark.
 */
import { escaped } from './drawings.js'

const style = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2128; --faint: #5d6673; --line: #d5dae1; --panel: #f5f7f9;
  --right: #14806a; --wrong: #c4281c; --s0: #1f6fd6; --s1: #b75300; --s2: #14806a; --s3: #8a4bc9 }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e4e8ee; --faint: #9aa4b2; --line: #343b45;
  --panel: #1d2229; --right: #4cc9ab; --wrong: #ff8a7a; --s0: #6aa8ff; --s1: #ff9d4a; --s2: #4cc9ab; --s3: #c097f2 } }
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem }
.note { color: var(--faint); font-size: .9rem }
.why { font-size: 1.1rem }
.target { border-left: 4px solid var(--right); padding: .5rem .9rem; background: var(--panel) }
.target.missed { border-color: var(--wrong) }
figure { margin: 1.5rem 0; overflow-x: auto }
figcaption { font-weight: 600; margin-bottom: .35rem }
svg { display: block; font-size: 13px; fill: var(--faint) }
svg .grid { stroke: var(--line) }
svg polyline { fill: none; stroke: currentColor; stroke-width: 2 }
svg text[class] { fill: currentColor; font-weight: 600 }
${[0, 1, 2, 3].map(index => `.series-${index} { color: var(--s${index}) }`).join(' ')}
.pictures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 }
.pictures img { image-rendering: pixelated; max-width: 100% }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th { font-weight: 400; text-align: left } td { text-align: right; padding: .2rem .75rem; white-space: nowrap }
.bar { width: 55%; padding-right: 0 } .bar i { display: block; min-width: 1px; height: 1rem; background: var(--s0) }
pre { overflow-x: auto; padding: .75rem .9rem; background: var(--panel); font: 13px/1.45 ui-monospace, monospace }
`

/** What stands on the page between the reason and the target: text as it was printed, or a drawing. */
/** @typedef {{ text: string } | { html: string }} Part */

/**
 * @param {{ program: string, source: string, parts: readonly Part[], target: string, reached: boolean }} example
 * `program`: its path, as one calls it; `source`: its text.
 */
export function examplePage({ program, source, parts, target, reached }) {
  const { why, commands } = headOf(source)
  const [, words] = program.match(/(?:\d+[a-z]?-)?([^/]*)\.js$/) ?? ['', program]
  const title = (words[0].toUpperCase() + words.slice(1).replaceAll('-', ' ')).replace(/\b(mlp|cnn)\b/gi, each =>
    each.toUpperCase(),
  )
  const again = commands.length > 0 ? commands.join('\n') : `node ${program}`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}: an example of Fovea</title>
<style>${style}</style>
<h1>${escaped(title)}</h1>
<p class="note">An example of Fovea, ${escaped(program)}</p>
${why.map(paragraph => `<p class="why">${escaped(paragraph).replace(/`([^`]*)`/g, '<code>$1</code>')}</p>`).join('\n')}
${joined(parts).join('\n')}
<p class="target${reached ? '' : ' missed'}"><strong>Target ${reached ? 'reached' : 'missed'}:</strong> ${escaped(target)}.</p>
<p class="note">Change a number in the program and run it again:</p>
<pre>${escaped(again)}</pre>
</html>
`
}

/** The comment a program begins with: its paragraphs, and the commands among them. */
function headOf(/** @type {string} */ source) {
  const [, comment = ''] = source.match(/^\/\*\*([\s\S]*?)\*\//) ?? []
  const blocks = comment
    .replace(/^ *\* ?/gm, '')
    .trim()
    .split(/\n\s*\n/)
  const [commands, why] = [true, false].map(wanted => blocks.filter(block => /^ {4}/.test(block) === wanted))
  return {
    why: why.map(block => block.replaceAll('\n', ' ')),
    commands: commands.flatMap(block => block.split('\n').map(line => line.trim())),
  }
}

/** Lines that were printed one after the other stand in one block. */
function joined(/** @type {readonly Part[]} */ parts) {
  /** @type {string[]} */
  const blocks = []
  /** @type {string[]} */
  let lines = []
  const flush = () => {
    const text = lines.join('\n').replace(/^\n+|\s+$/g, '')
    if (text) blocks.push(`<pre>${escaped(text)}</pre>`)
    lines = []
  }
  for (const part of parts) {
    if ('text' in part) lines.push(part.text)
    else {
      flush()
      blocks.push(part.html)
    }
  }
  flush()
  return blocks
}
