/** The page of the review without its pictures: its script (page/review.ts) asks for them and fills it. */
import { reviewStyle } from './review-style.ts'

const select = (id: string, title: string, options: readonly (readonly [value: string, text: string])[]): string =>
  `<label><span>${title}</span> <select id="${id}" aria-label="${title}">${options.map(([value, text]) => `<option value="${value}">${text}</option>`).join('')}</select></label>`

const button = (id: string, text: string, key?: string): string =>
  `<button id="${id}" type="button">${text}${key === undefined ? '' : ` <kbd>${key}</kbd>`}</button>`

export const reviewPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Review: Fovea</title>
<style>${reviewStyle}</style>
</head>
<body>
<header>
<h1>Review <small id="run"></small></h1>
<p class="note" id="about"></p>
</header>
<div class="bar" id="filters">
${select('show', 'Show', [
  ['all', 'all pictures'],
  ['suspicious', 'looks mislabelled'],
  ['mistakes', 'mistakes of the model'],
  ['changed', 'changed'],
  ['aside', 'set aside'],
])}
${select('class', 'Class', [['', 'every class']])}
${select('part', 'Part', [['', 'every part']])}
${select('order', 'Order', [
  ['suspicion', 'looks mislabelled first'],
  ['name', 'by name'],
])}
<label><span>Size</span> <input id="size" type="range" min="6" max="20" value="9" aria-label="Size"></label>
<span class="group">${button('previous', '‹')}<output id="count"></output>${button('next', '›')}</span>
</div>
<main>
<p id="none" hidden>No picture is like this.</p>
<ul id="grid" role="listbox" aria-multiselectable="true" aria-label="Pictures"></ul>
</main>
<div class="bar" id="actions">
<span id="chosen"></span>
<span id="classes" role="group" aria-label="Give them a class"></span>
<span class="group" id="moves">${button('suggested', 'As suggested', 'S')}${button('aside', 'Set aside', 'X')}${button('restore', 'Use again', 'R')}${button('all', 'All', 'A')}${button('clear', 'None', 'Esc')}</span>
<p id="said" role="status"></p>
<span class="group" id="done"><span id="changes"></span>${button('undo', 'Undo', 'U')}</span>
</div>
<section id="end">
<h2>When all is mended</h2>
<p id="counts"></p>
<p>Train again: it goes on from the weights of this run, with the labels as they are now and without what is set aside.</p>
<div><pre id="again"></pre><button type="button" data-copy="again">Copy</button></div>
<p class="note">Your files stay where they are. To have them moved into the folders of their classes, what is set aside into .set-aside (it can be taken back):</p>
<div><pre id="apply"></pre><button type="button" data-copy="apply">Copy</button></div>
<p class="note">Click or tap a picture to choose it, with Shift a whole row. Keys: arrows and Space choose, a class's key gives the class, S the suggested one, X sets aside, R uses again, U or Ctrl-Z takes the last change back.</p>
</section>
<script src="review.js"></script>
</body>
</html>
`
