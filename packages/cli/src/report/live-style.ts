/** How the part to try the model out looks: columns that fall below one another on narrow pages, in the colours of the page. */
export const liveCss = `
.try { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start }
.try[hidden] { display: none }
.try > * { min-width: 0 }
.try p { margin: 0.4rem 0 }
.try canvas { max-width: 100%; border: 1px solid var(--line); image-rendering: pixelated }
.try figure { margin: 0 }
.try figcaption, .try caption, #try-notes { color: var(--faint); font-size: 0.875rem; font-weight: normal; text-align: left }
.try-given { width: 15rem; max-width: 100% }
.try-said { flex: 1 1 17rem }
.try-layers { flex: 1 0 100% }
.try-tools { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; max-width: 280px }
.try-tools label { display: inline-flex; gap: 0.3rem; align-items: center }
#try-box { touch-action: none; cursor: crosshair; image-rendering: auto }
#try-pen { width: 6rem; accent-color: var(--right) }
#try-dark { accent-color: var(--right) }
#try-input { width: 10rem }
#try-file, #try-layer { max-width: 100% }
#try-answer { font-size: 1.25rem; min-height: 1.6em; white-space: pre-line }
#try-bars { font-variant-numeric: tabular-nums }
.try-said table { width: 100%; border-collapse: collapse }
#try-bars th { text-align: left; font-weight: normal; padding-right: 0.75rem; white-space: nowrap }
#try-bars td { width: 100% }
#try-bars td:last-child { width: auto; min-width: 4.5rem; padding-left: 0.75rem; text-align: right; white-space: nowrap }
#try-bars i { display: block; height: 0.8rem; background: var(--series-1) }
#try-bars .try-first { font-weight: 600 }
#try-bars .try-first th { font-weight: 600 }
.try button, .try select, .try input { font: inherit; color: inherit }
.try button, .try select { background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: 0.2rem 0.6rem }
.try :is(button, select, input, canvas):focus-visible { outline: 2px solid var(--right); outline-offset: 2px }
#try.try-over { outline: 2px dashed var(--right); outline-offset: 4px }
`
