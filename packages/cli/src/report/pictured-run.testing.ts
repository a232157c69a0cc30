/** A run with pictures of any size and any number of classes, as its directory gives them back: for tests of what shows pictures. */
import type { Picture } from 'fovea/internal/base/picture'
import { inMemory } from 'fovea/internal/data/memory-source'
import type { PictureShape } from 'fovea/internal/data/picture-source'
import { dense } from 'fovea/internal/layers/dense'
import type { Layer } from 'fovea/internal/layers/layer'
import { flatten } from 'fovea/internal/layers/shaping'
import { sequential } from 'fovea/internal/network/sequential'
import { decodeSamples, encodeSamples } from 'fovea/internal/run/samples'
import { decodeTestFile, encodeTestFile } from 'fovea/internal/run/test-file'
import type { DrawingTools } from './figure.ts'
import { elementsOf, smallRun } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

export interface PicturedOptions {
  readonly shape?: PictureShape
  readonly classNames?: readonly string[]
  /** Outputs of the model; as many as there are classes by default. */
  readonly units?: number
  /** In front of the network. */
  readonly head?: readonly Layer[]
  readonly count?: number
  /** Of test picture `index`: the class the model says, and how sure it is. Default: the true one, 0.75. */
  readonly predicted?: (index: number) => readonly [predicted: number, probability: number]
}

/** Sample `index`, of training and test alike, is of class index mod classes; its bytes are index + place, mod 251. */
export async function picturedRun(options: PicturedOptions = {}): Promise<ReportRun> {
  const { shape = [2, 2, 1], classNames = ['cat', 'dog', 'bird'], head = [], count = 100 } = options
  const { units = classNames.length, predicted = index => [index % classNames.length, 0.75] as const } = options
  const size = shape[0] * shape[1] * shape[2]
  const images = new Uint8Array(count * size)
  for (let at = 0; at < images.length; at++) images[at] = (Math.floor(at / size) + (at % size)) % 251
  const labels = Uint8Array.from({ length: count }, (_, index) => index % classNames.length)
  const pictures = inMemory({ images, labels, shape, classNames })
  const model = sequential([...head, flatten(head.length === 0 ? { inputShape: shape } : {}), dense({ units })])
  const predictions = new Float32Array(count * units)
  for (let index = 0; index < count; index++) {
    const [said, probability] = predicted(index)
    if (units === 1) predictions[index] = said === 1 ? probability : 1 - probability
    else {
      predictions.fill((1 - probability) / (units - 1), index * units, (index + 1) * units)
      predictions[index * units + said] = probability
    }
  }
  return smallRun({
    model,
    classNames,
    test: decodeTestFile(await encodeTestFile(predictions, pictures), 'test'),
    pictures: decodeSamples(await encodeSamples({ train: pictures, test: pictures }, model, 1), 'samples'),
  })
}

/** Drawing tools that remember the pictures they were given, and a way to see what lies in the frames of a drawing. */
export function sheetTools() {
  const sheets: Picture[] = []
  const tools: DrawingTools = { pictureUrl: picture => `sheet:${sheets.push(picture) - 1}` }
  /** The first pixel of the picture in each frame, read from the image that lies under it. */
  const shown = (svg: string): number[][] => {
    const [drawn] = elementsOf(svg, 'image')
    const sheet = sheets[Number(drawn!.getAttribute('href')!.slice('sheet:'.length))]!
    const at = (element: Element, name: string): number => Number(element.getAttribute(name))
    const scale = sheet.width / at(drawn!, 'width')
    return elementsOf(svg, 'rect[fill="none"]').map(frame => {
      const column = Math.round((at(frame, 'x') - at(drawn!, 'x')) * scale)
      const row = Math.round((at(frame, 'y') - at(drawn!, 'y')) * scale)
      const begin = (row * sheet.width + column) * sheet.channels
      return [...sheet.data.subarray(begin, begin + sheet.channels)]
    })
  }
  return { tools, shown }
}
