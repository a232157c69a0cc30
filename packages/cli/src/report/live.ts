/**
 * The part of a page in which one draws a digit or gives a picture and sees what the model makes of it. In: the model as data and the
 * page's script (src/page, bundled). Out: one `<section id="try">` that needs no network and no other file, only the page's
 * style (live-style.ts) and its custom properties (theme.ts).
 */
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import type { OutputScale } from 'fovea/internal/base/probabilities'
import type { StandaloneDocument } from 'fovea/internal/runtime/standalone-document'
import { escaped } from './svg.ts'

/** What the script reads: a model that takes one picture, and what its numbers mean. */
export interface LiveDocument {
  /** Its outputs are the values of `layers`, in their order. */
  readonly program: StandaloneDocument
  /** The input first. */
  readonly layers: readonly { readonly layer: string; readonly type: string; readonly shape: readonly number[] }[]
  /** Which of them is shown at first. */
  readonly shown: number
  /** Which of the outputs holds the numbers of `classNames`, or the probability of the second of two. */
  readonly probabilities: number
  /** What these numbers are. */
  readonly scale: OutputScale
  readonly spec: PreprocessSpec
  readonly classNames: readonly string[]
}

export interface LiveModel {
  readonly document: LiveDocument
  /** JavaScript without imports. */
  readonly script: string
}

/** Of a model that a page cannot carry: why, in a sentence, and how to ask it nevertheless. */
export interface AbsentModel {
  readonly reason: string
  /** A line for the shell. */
  readonly command: string
}

export function liveSection(live: LiveModel | AbsentModel): string {
  const content =
    'reason' in live
      ? `<p>${escaped(live.reason)} On the command line: <code>${escaped(live.command)}</code></p>`
      : tryOut(live)
  return `<section id="try">\n<h2>Try it</h2>\n${content}\n</section>`
}

/** Whether there is a box to draw in: for digits and other grey pictures. */
function isDrawn({ channels }: PreprocessSpec): boolean {
  return channels === 'grey'
}

function tryOut({ document, script }: LiveModel): string {
  const { spec, program } = document
  const [height, width] = spec.shape
  const drawn = isDrawn(spec)
  const rounded = program.states.some(({ precision }) => precision === 'float16')
  const invitation = drawn
    ? `Draw ${spec.digit ? 'a digit' : 'something'}, or give a picture`
    : 'Give a picture: choose a file, drop or paste it here'
  const notes = rounded
    ? '<p class="note">To keep the page small its weights are rounded to 16 bits here: its numbers differ a little from those of the model itself.</p>'
    : ''
  return `<p>${invitation}. The model computes in this page; nothing is sent anywhere.</p>
<p id="try-state">This part of the page needs JavaScript.</p>
<div class="try${drawn ? ' try-by-hand' : ''}" hidden>
${drawn ? drawingBox : ''}
<div class="try-given">
<p><label for="try-file">PNG or JPEG</label> <input type="file" id="try-file" accept="image/png,image/jpeg">
<button type="button" id="try-camera" aria-pressed="false" hidden>Camera</button></p>
<figure id="figure-seen"><figcaption>What the model sees: ${width}×${height}, ${spec.channels === 'grey' ? 'grey' : 'colour'}</figcaption>
<canvas id="try-input" width="${width}" height="${height}" role="img" aria-label="The picture as the model sees it"></canvas></figure>
<p id="try-notes"></p>${notes}
</div>
<div class="try-said">
<p id="try-answer" aria-live="polite"></p>
<table><caption>Probabilities</caption><tbody id="try-bars"></tbody></table>
</div>
<figure class="try-layers" id="figure-feature-maps">
<figcaption><label for="try-layer">Feature maps of</label> <select id="try-layer">${layerOptions(document)}</select></figcaption>
<canvas id="try-maps" role="img" aria-label="Feature maps of the chosen layer, each from its least value (black) to its largest (white)"></canvas>
</figure>
</div>
<script type="application/json" id="live-model">${JSON.stringify(document).replaceAll('<', '\\u003c')}</script>
<script>${inScript(script)}</script>`
}

const drawingBox = `<div class="try-drawn">
<canvas id="try-box" width="280" height="280" role="img" aria-label="Box to draw in, with mouse, finger or pen"></canvas>
<p class="try-tools"><button type="button" id="try-undo">Undo</button> <button type="button" id="try-clear">Clear</button>
<label>Pen <input type="range" id="try-pen" min="4" max="40" value="20"></label>
<label><input type="checkbox" id="try-dark"> dark on light</label></p>
</div>`

function layerOptions({ layers, shown }: LiveDocument): string {
  return layers
    .map(({ layer, type, shape }, index) => {
      const words = index === 0 ? `input: ${shape.join('×')}` : `${layer} (${type}): ${shape.join('×')}`
      return `<option value="${index}"${index === shown ? ' selected' : ''}>${escaped(words)}</option>`
    })
    .join('')
}

/** Text that ends or hides a script element, as the same text in a string, a template or a pattern of the script. */
function inScript(code: string): string {
  return code.replace(/<(?=\/script|!--)/gi, '\\x3c')
}
