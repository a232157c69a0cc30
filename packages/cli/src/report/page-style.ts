/** The look of the page. Widths in rem, one column on a phone, figures never wider than the page. */
import { themeCss } from './theme.ts'

export const pageStyle = `${themeCss()}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere }
header, main { max-width: 62rem; margin: 0 auto; padding: 0 1rem }
header { padding-top: 1.5rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem }
h2 { font-size: 1.25rem; margin: 0 0 .75rem }
h2.run { font-size: 1.5rem; margin: 2rem 0 1rem }
h3 { font-size: 1.05rem; margin: 1rem 0 .5rem }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 1rem; padding: 0; list-style: none; font-size: .9rem }
section { padding: 1.25rem 0; border-top: 1px solid var(--line) }
.lead { font-size: 1.1rem; max-width: 46rem }
p, li { max-width: 46rem }
a { color: var(--right) }
figure { margin: 0 0 1.25rem; min-width: 0 }
figcaption { font-weight: 600; margin-bottom: .35rem }
image { image-rendering: pixelated }
svg { display: block; max-width: 100%; height: auto; overflow: visible }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2rem }
.note { color: var(--faint) }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .5rem 1.5rem; margin: 0 }
.facts dt { color: var(--faint); font-size: .85rem }
.facts dd { margin: 0; font-variant-numeric: tabular-nums }
.findings { padding-left: 1.2rem }
.findings li { margin-bottom: .5rem }
.scroll { overflow-x: auto }
.wide svg { min-width: min(44rem, var(--own-width)) }
.kind { white-space: nowrap; margin-right: .75rem }
.kind i { display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .3rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem }
th, td { padding: .25rem .75rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th:first-child, td:first-child, .name { text-align: left }
td.name { white-space: normal; min-width: 9rem }
.confusion { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0 2rem }
.confusion a rect:hover, .confusion a:focus-visible rect { stroke: var(--ink); stroke-width: 2 }
.cell { display: none; scroll-margin-top: 5rem }
.cell:target { display: block }
.cell h3 { margin: 0; font-size: 1rem }
.cell p { margin: .25rem 0 .75rem }
.cell ul { display: flex; flex-wrap: wrap; gap: .75rem 1rem; margin: 0; padding: 0; list-style: none; font-size: .85rem; line-height: 1.35 }
.cell i { display: block; width: var(--width); height: var(--height); margin-bottom: .25rem; image-rendering: pixelated }
.cell i { background: var(--sheet) calc(var(--x) * -1 * var(--width)) calc(var(--y) * -1 * var(--height)) / calc(var(--columns) * var(--width)) auto }
.right { color: var(--right) }
.wrong { color: var(--wrong) }
td.words, th.words { text-align: left; white-space: normal; min-width: 16rem; color: var(--faint) }
thead th { color: var(--faint); font-weight: 600; white-space: normal; overflow-wrap: normal; vertical-align: bottom }
`
