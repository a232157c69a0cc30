/**
 * The look of the page. One scale of type (14, 16, 18, 20, 28 and 56 pixels; in figures 12 and 13), one of distances (4, 8, 16, 24, 40);
 * figures three, two or one beside each other; on paper light, whole and with everything open.
 */
import { figureWidth } from './figure.ts'
import { themeCss } from './theme.ts'

export const pageStyle = `${themeCss()}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem }
header { padding-top: 1.25rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem }
h1 small { font-size: 1rem; font-weight: normal; color: var(--faint); margin-left: .5rem }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .5rem }
h3 { font-size: 1rem; margin: 0 0 .25rem }
p { margin: 0 0 .5rem; max-width: 46rem }
ul { margin: 0 }
li { max-width: 46rem }
a { color: var(--right) }
code { font-size: .875rem }
.origin, nav { font-size: .875rem }
.origin { color: var(--faint); max-width: none; padding: 0; list-style: none }
.origin strong { color: var(--ink) }
.origin li { max-width: none }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none }
section { padding: 1rem 0; border-top: 1px solid var(--line); scroll-margin-top: .5rem }
nav { padding-bottom: .5rem }
.score { font-size: 1.125rem; line-height: 1.1; margin-bottom: .75rem }
.score strong { display: block; font-size: 3.5rem; letter-spacing: -.02em; font-variant-numeric: tabular-nums }
.scores { display: flex; flex-wrap: wrap; gap: 0 2.5rem }
.lead { max-width: 46rem; margin-bottom: .75rem }
.note { color: var(--faint); font-size: .875rem; max-width: 52rem }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .5rem 1rem; margin: 0 0 .5rem; font-size: .875rem }
.facts dt { color: var(--faint) }
.facts dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums }
.findings { padding-left: 1.2rem; font-size: .875rem }
.findings li { margin-bottom: .25rem }
figure { margin: 0; min-width: 0 }
figcaption { display: flex; justify-content: space-between; align-items: baseline; gap: .75rem; font-weight: 600; font-size: .875rem; margin-bottom: .5rem }
image { image-rendering: pixelated }
svg { display: block; max-width: 100%; height: auto; overflow: visible }
.row { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, ${figureWidth - 4}px), 1fr)); gap: 1.5rem; align-items: start; margin-bottom: .5rem }
.row > div { min-width: 0 }
.scroll { overflow-x: auto; overflow-y: hidden }
.scroll > svg { min-width: var(--least) }
.scroll[data-goes-on]::before { content: 'goes on to the right →'; position: sticky; left: 0; display: block; color: var(--faint); font-size: .8125rem }
.scroll[data-goes-on] { mask-image: linear-gradient(to left, transparent, #000 2.5rem) }
.scroll:focus-visible, summary:focus-visible, .save:focus-visible { outline: 2px solid var(--right); outline-offset: 2px }
.save { flex: none; font: inherit; font-weight: normal; font-size: .8125rem; padding: 0; border: 0; background: none; color: var(--right); text-decoration: underline; cursor: pointer }
summary { cursor: pointer; color: var(--right); padding: .25rem 0 }
details[open] > summary { margin-bottom: .5rem }
.kind { white-space: nowrap; margin-right: .75rem }
.kind i, .run i, .origin i { display: inline-block; width: .75rem; height: .75rem; border-radius: 2px; margin-right: .4rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem }
th, td { padding: .2rem .5rem .2rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th:first-child, td:first-child, .name { text-align: left }
td.name { white-space: normal; min-width: 6rem }
td.words, th.words { text-align: left; white-space: normal; min-width: 16rem; color: var(--faint) }
thead th { color: var(--faint); font-weight: 600; white-space: normal; overflow-wrap: normal; vertical-align: bottom }
#confusion a:is(:hover, :focus-visible, [aria-current]) rect { stroke: var(--ink); stroke-width: 2 }
.cell { display: none; scroll-margin-top: 6rem }
.cell:target, .cells:not(:has(.cell:target)) > .cell.first { display: block }
.cell p { font-size: .875rem; color: var(--faint) }
.cell ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(4rem, 1fr)); gap: .5rem .25rem; padding: 0; list-style: none; font-size: .8125rem; line-height: 1.35 }
:is(.cell, .own) i { display: block; width: var(--width); height: var(--height); margin-bottom: .25rem; image-rendering: pixelated; print-color-adjust: exact; -webkit-print-color-adjust: exact }
:is(.cell, .own) i { background: var(--tiles) calc(var(--x) * -1 * var(--across)) calc(var(--y) * -1 * var(--down)) / var(--sheet) auto }
.file { display: block; color: var(--faint); font-size: .75rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.right { color: var(--right) }
.wrong { color: var(--wrong) }
.runs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, ${figureWidth - 4}px), 1fr)); gap: 1.5rem }
.runs > article { min-width: 0 }
.stacked > article + article { margin-top: 1rem }
@media (min-width: 52rem) {
  .row > .wide { grid-column: span 2 }
  .row > .whole { grid-column: 1 / -1 }
  .top { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6.5fr); grid-template-rows: auto auto 1fr; column-gap: 2rem; border-top: 1px solid var(--line) }
  .top > section { border: 0 }
  #outcome { grid-column: 1; grid-row: 1 / span 2; padding-bottom: 0; position: relative; z-index: 1 }
  .top > #confusion { grid-column: 1 / -1; grid-row: 1 / -1; display: grid; grid-template-columns: subgrid; grid-template-rows: subgrid }
  .top > #confusion > :is(h2, .matrix) { grid-column: 2 }
  .top > #confusion > .matrix { grid-row: 2 / -1 }
  .top > #confusion > .cells { grid-column: 1; grid-row: 3 }
  .top .cell { scroll-margin-top: 28rem }
}
@media (min-width: 70rem) {
  .classes { display: grid; grid-template-columns: calc((100% - 3rem) * 2 / 3 + 1.5rem) minmax(0, 1fr); column-gap: 1.5rem; border-top: 1px solid var(--line) }
  .classes > section { border: 0 }
}
@media (max-width: 52rem) { header, main { padding-left: 1rem; padding-right: 1rem } h1 small { display: block; margin: 0 } .score strong { font-size: 3rem } }
@media print {
  @page { margin: 14mm }
  body { font-size: 10pt }
  header, main { max-width: none; padding: 0 }
  nav, .save, .cell p a { display: none }
  figure, .facts, .cell, tr, li { break-inside: avoid }
  h2, h3, summary, figcaption { break-after: avoid }
  .scroll { overflow: visible; mask-image: none }
  .scroll::before { display: none !important }
  .scroll > svg { min-width: 0 }
  .row, .runs { grid-template-columns: repeat(2, minmax(0, 1fr)) }
  .row > .wide { grid-column: 1 / -1 }
  .runs .row { grid-template-columns: minmax(0, 1fr) }
  th, td { font-size: 8.5pt; padding-right: .3rem }
  .matrix svg { max-width: 11.5cm }
  .kind i, .run i, .origin i { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  details::details-content { display: block; content-visibility: visible; block-size: auto }
  summary { list-style: none; color: var(--ink); font-weight: 600 }
}
`
