/** What the page shows of an answer: the input as the model sees it, the likeliest class, all probabilities, one layer's feature maps. */
import { largestOf } from 'fovea/internal/base/extremes'
import type { Picture } from 'fovea/internal/base/picture'
import { classProbabilities } from 'fovea/internal/base/probabilities'
import type { NumericArray } from 'fovea/internal/base/shape'
import { percent } from 'fovea/internal/base/text'
import { valuePicture } from 'fovea/internal/explain/drawing'
import type { PictureInput } from 'fovea/internal/preprocess/input'
import type { LiveDocument } from '../report/live.ts'
import { element } from './element.ts'
import { clearCanvas, showPicture } from './picture-canvas.ts'
import { probabilityBars } from './probability-bars.ts'

export interface AnswerView {
  /** `values`: of every layer, in the document's order. */
  show(input: PictureInput, values: readonly NumericArray[]): void
  /** Empty, but for a sentence. */
  clear(reason: string): void
}

export function answerView({ classNames, layers, probabilities, scale, spec }: LiveDocument): AnswerView {
  const [height, width, channels] = spec.shape
  const seen = element<HTMLCanvasElement>('try-input')
  const notes = element('try-notes')
  const answer = element('try-answer')
  const layer = element<HTMLSelectElement>('try-layer')
  const maps = element<HTMLCanvasElement>('try-maps')
  const showBars = probabilityBars(element<HTMLTableSectionElement>('try-bars'), classNames)
  return {
    show(input, values) {
      showPicture(seen, { height, width, channels: channels as Picture['channels'], data: input.pixels })
      notes.textContent = input.notes.join('; ')
      const shares = classProbabilities(values[probabilities]!, scale)
      const winner = shares.indexOf(largestOf(shares))
      answer.textContent =
        winner < 0 ? 'No number comes out: training diverged.' : `${classNames[winner]} (${percent(shares[winner]!)})`
      showBars(shares)
      const chosen = Number(layer.value)
      showPicture(maps, valuePicture({ shape: layers[chosen]!.shape, data: values[chosen]! as Float32Array }))
    },
    clear(reason) {
      answer.textContent = reason
      notes.textContent = ''
      showBars(undefined)
      clearCanvas(seen)
      clearCanvas(maps)
    },
  }
}
