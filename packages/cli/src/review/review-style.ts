/**
 * How the review looks, in the colours and sizes of the report: filters above, pictures as many beside each other as fit, and below what can
 * be done with those chosen. The bars stay in view.
 */
import { themeCss } from '../report/theme.ts'

export const reviewStyle = `${themeCss()}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
header, .bar, main, #end { padding: 0 1.5rem }
header { padding-top: 1rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem }
h1 small { font-size: 1rem; font-weight: normal; color: var(--faint); margin-left: .5rem }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .5rem }
p { margin: 0 0 .5rem; max-width: 52rem }
code { font-size: .875rem }
.note { color: var(--faint); font-size: .875rem }
.bar { position: sticky; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; padding-top: .5rem; padding-bottom: .5rem; background: var(--paper); font-size: .875rem }
#filters { top: 0; border-bottom: 1px solid var(--line) }
#actions { bottom: 0; border-top: 1px solid var(--line) }
label { display: inline-flex; gap: .3rem; align-items: center; color: var(--faint) }
select, button { font: inherit; color: var(--ink); background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .25rem .5rem; min-height: 2.25rem }
select { max-width: 11rem }
button { cursor: pointer }
input[type=range] { width: 6rem; accent-color: var(--right) }
button:disabled { color: var(--faint); cursor: default; opacity: .6 }
button kbd { font: inherit; font-size: .75rem; color: var(--faint); border: 1px solid var(--line); border-radius: 3px; padding: 0 .25rem; margin-left: .35rem; background: var(--paper) }
:focus-visible { outline: 2px solid var(--right); outline-offset: 1px }
.group { display: flex; gap: .35rem; align-items: center }
#count, #changes, #chosen { font-variant-numeric: tabular-nums; white-space: nowrap }
#chosen { min-width: 6rem; font-weight: 600 }
#classes { display: flex; flex-wrap: wrap; gap: .35rem; max-height: 8rem; overflow-y: auto }
#classes { flex: 1 1 calc(100% - 8rem) }
#said { flex: 1 1 8rem; margin: 0; color: var(--faint) }
#said.wrong { color: var(--wrong) }
main { padding-top: 1rem; padding-bottom: 1rem; min-height: 50vh }
#grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--cell, 9rem), 1fr)); gap: .5rem; margin: 0; padding: 0; list-style: none }
#grid li { position: relative; min-width: 0; padding: .35rem; border: 2px solid transparent; border-radius: 6px; background: var(--panel); cursor: pointer; font-size: .8125rem; line-height: 1.35; scroll-margin: 7rem 0 9rem; user-select: none; -webkit-user-select: none }
#grid li[tabindex='0'] { border-color: var(--faint) }
#grid li[aria-selected=true] { border-color: var(--right); background: color-mix(in srgb, var(--right) 16%, var(--paper)) }
#grid li[aria-selected=true]::after { content: '✓'; position: absolute; top: .5rem; right: .5rem; width: 1.4rem; height: 1.4rem; line-height: 1.4rem; border-radius: 50%; text-align: center; background: var(--right); color: var(--paper) }
#grid img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--paper); border-radius: 3px; margin-bottom: .25rem; color: var(--faint) }
#grid img.tiny { image-rendering: pixelated }
#grid .aside img { opacity: .35 }
#grid span { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
#grid .label { font-weight: 600 }
#grid .changed .label { color: var(--right) }
#grid .looks { color: var(--wrong) }
#grid .file, #grid s { color: var(--faint); font-weight: normal }
#grid .file { direction: rtl; text-align: left }
#grid .file bdi { unicode-bidi: isolate }
#none { color: var(--faint) }
#end { border-top: 1px solid var(--line); padding-top: 1rem; padding-bottom: 1.5rem }
#end pre { display: inline-block; max-width: 100%; margin: 0 .5rem .5rem 0; padding: .35rem .6rem; background: var(--panel); border-radius: 4px; white-space: pre-wrap; font-size: .875rem; vertical-align: middle }
[hidden] { display: none !important }
@media (max-width: 52rem) {
  header, .bar, main, #end { padding-left: .75rem; padding-right: .75rem }
  h1 small { display: block; margin: 0 }
  #filters label span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  #filters label { flex: 1 1 40%; min-width: 0 }
  #filters select, #size { width: 100%; max-width: none }
  #filters { position: static }
  #grid { --cell: 6.5rem }
  #grid li { scroll-margin-top: .5rem }
  #classes, #moves { flex: 1 1 100%; order: 1; flex-wrap: nowrap; overflow-x: auto }
  #classes button, #moves button { flex: none }
  #chosen { min-width: 0 }
  #said { order: 2; flex-basis: 100% }
  #said:empty { position: absolute }
  #done { margin-left: auto }
  button kbd { display: none }
}
`
