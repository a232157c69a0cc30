/** How the sections on the user's own pictures look: tiles with their files, and the map with what it says below it. */
export const ownCss = `
.own ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.25rem, 1fr)); gap: .75rem .5rem; padding: 0; margin-bottom: .5rem; list-style: none; font-size: .8125rem; line-height: 1.35 }
.own li { min-width: 0 }
.own li > span { display: block }
.files { font-size: .875rem }
.map-drawn { position: relative; min-width: 0 }
.map:has(> .map-said:not([hidden])) .scroll > svg { min-width: 0 }
.map-drawn svg { touch-action: pan-y; user-select: none }
.map-drawn svg:focus-visible { outline: 2px solid var(--right); outline-offset: 2px }
.map-drawn .dim { opacity: .12 }
.map-tip { position: absolute; z-index: 2; pointer-events: none; padding: .4rem; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; font-size: .8125rem; line-height: 1.35; max-width: 12rem }
.map-said ul { grid-template-columns: repeat(auto-fill, minmax(4.5rem, 1fr)); max-height: 18rem; overflow-y: auto }
.map-said p { font-size: .875rem; max-width: none }
.map-classes { display: flex; flex-wrap: wrap; gap: .25rem .5rem; margin-top: .5rem }
.map-classes button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: .15rem .5rem; cursor: pointer; display: inline-flex; align-items: center; gap: .3rem }
.map-classes button[aria-pressed=true] { border-color: var(--right); color: var(--right); font-weight: 600 }
.map-classes button:focus-visible { outline: 2px solid var(--right); outline-offset: 2px }
@media (max-width: 45rem) { .map:has(> .map-said:not([hidden])) .map-legend { display: none } }
@media (min-width: 70rem) {
  .own-pictures { display: grid; grid-template-columns: minmax(0, 43rem) minmax(0, 1fr); column-gap: 2rem; border-top: 1px solid var(--line) }
  .own-pictures > section { border: 0 }
}
@media print { .map-said, .map-tip { display: none } .own li { break-inside: avoid } }
`
