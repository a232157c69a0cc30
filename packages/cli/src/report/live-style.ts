/**
 * How the part to try the model out looks, in the colours of the page: three columns (what is given, the answer, what the layers make of
 * it), and on a phone the answer beside the box, the rest below.
 */
export const liveCss = `
.try { display: grid; grid-template-columns: 16rem minmax(0, 1fr) minmax(0, 1.5fr); gap: 1rem 2rem; align-items: start }
.try[hidden] { display: none }
.try-by-hand > :is(.try-drawn, .try-said) { grid-row: span 2 }
.try-by-hand > .try-said { grid-column: 2; grid-row: 1 / span 2 }
.try-by-hand > .try-given { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; grid-column: 3; grid-row: 1 }
.try-by-hand > .try-layers { grid-column: 3; grid-row: 2 }
.try p { margin: 0 0 .5rem }
.try canvas { display: block; max-width: 100%; border: 1px solid var(--line); image-rendering: pixelated }
.try figure { margin: 0 }
.try figcaption, .try caption, #try-notes { color: var(--faint); font-size: .875rem; font-weight: normal; text-align: left }
.try-layers label { white-space: nowrap }
.try-layers select { flex: 1 1 auto; min-width: 0 }
.try-tools { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; font-size: .875rem }
.try p.try-tools { margin: .5rem 0 0 }
.try-tools label { display: inline-flex; gap: .3rem; align-items: center }
#try-box { width: 16rem; touch-action: none; cursor: crosshair; image-rendering: auto }
#try-pen { width: 5rem; accent-color: var(--right) }
#try-dark { accent-color: var(--right) }
#try-input { width: 4.5rem }
#try-maps { max-height: 12rem; width: auto }
.try-given > :is(#try-notes, .note) { grid-column: 1 / -1 }
.try p#try-notes:empty { margin: 0 }
#try-camera { margin-top: .5rem }
#try-camera[aria-pressed=true] { border-color: var(--right) }
#try-file, #try-layer { max-width: 100%; font-size: .875rem }
.try-given label { display: block; color: var(--faint); font-size: .875rem }
#try-answer { font-size: 1.5rem; line-height: 1.25; font-weight: 600; min-height: 1.25em; white-space: pre-line }
#try-bars { font-variant-numeric: tabular-nums }
.try-said table { width: 100%; border-collapse: collapse }
#try-bars :is(th, td) { border: 0; padding: .05rem 0 }
#try-bars th { text-align: left; font-weight: normal; padding-right: .75rem; max-width: 12rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
#try-bars td { width: 100% }
#try-bars td:last-child { width: auto; min-width: 4.5rem; padding-left: .75rem; text-align: right; white-space: nowrap }
#try-bars i { display: block; height: .75rem; background: var(--series-1) }
#try-bars .try-first, #try-bars .try-first th { font-weight: 600 }
.try :is(button, select, input) { font: inherit; font-size: .875rem; color: inherit }
.try :is(button, select) { background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: .2rem .6rem }
.try :is(button, select, input, canvas):focus-visible { outline: 2px solid var(--right); outline-offset: 2px }
#try.try-over { outline: 2px dashed var(--right); outline-offset: 4px }
@media (max-width: 52rem) {
  .try, .try-by-hand { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem }
  .try > .try-layers, .try-by-hand > .try-given { grid-column: 1 / -1; grid-row: auto }
  .try-by-hand > .try-given { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) }
  #try-box { width: 100% }
  #try-answer { font-size: 1.125rem }
  #try-bars { font-size: .8125rem }
  #try-bars td:last-child { min-width: 3.25rem; padding-left: .4rem }
  #try-bars th { padding-right: .4rem; max-width: 5rem }
}
@media print { #try { display: none } }
`
