/** A canvas to draw in with mouse, finger or pen, and its tools. It keeps the strokes, not the pixels, so that one can be taken back. */
import type { Picture } from 'fovea/internal/base/picture'
import { element } from './element.ts'
import { canvasPicture } from './picture-canvas.ts'

interface Stroke {
  readonly width: number
  readonly points: (readonly [x: number, y: number])[]
}

/** Gives what is drawn; undefined when that is nothing. */
export type DrawingSource = () => Picture | undefined

/** `changed` is called whenever the drawing is another one; `moreToCome`: the pen is still down. */
export function startDrawingBox(changed: (source: DrawingSource, moreToCome: boolean) => void): void {
  const canvas = element<HTMLCanvasElement>('try-box')
  const pen = element<HTMLInputElement>('try-pen')
  const dark = element<HTMLInputElement>('try-dark')
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  const strokes: Stroke[] = []
  /** The one that draws; others wait until it is lifted. */
  let pointer: number | undefined
  const source: DrawingSource = () => (strokes.length === 0 ? undefined : canvasPicture(context))

  function paint(): void {
    context.fillStyle = dark.checked ? 'white' : 'black'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.strokeStyle = dark.checked ? 'black' : 'white'
    context.lineCap = context.lineJoin = 'round'
    for (const { width, points } of strokes) {
      context.lineWidth = width
      context.beginPath()
      context.moveTo(...points[0]!)
      // The first line goes nowhere: the dot of a tap.
      for (const point of points) context.lineTo(...point)
      context.stroke()
    }
  }

  function repaint(moreToCome = false): void {
    paint()
    changed(source, moreToCome)
  }

  /** In pixels of the canvas, whatever its size on the page. */
  function placeOf({ clientX, clientY }: PointerEvent): readonly [number, number] {
    const { left, top } = canvas.getBoundingClientRect()
    return [
      ((clientX - left - canvas.clientLeft) * canvas.width) / canvas.clientWidth,
      ((clientY - top - canvas.clientTop) * canvas.height) / canvas.clientHeight,
    ]
  }

  canvas.addEventListener('pointerdown', event => {
    if (pointer !== undefined || event.button !== 0) return
    pointer = event.pointerId
    canvas.setPointerCapture(pointer)
    strokes.push({ width: Number(pen.value), points: [placeOf(event)] })
    repaint(true)
  })
  canvas.addEventListener('pointermove', event => {
    if (event.pointerId !== pointer) return
    // Missing in Safari before 18.2.
    const { points } = strokes.at(-1)!
    for (const passed of event.getCoalescedEvents?.() ?? []) points.push(placeOf(passed))
    points.push(placeOf(event))
    repaint(true)
  })
  for (const lifted of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(lifted, event => {
      if (event.pointerId !== pointer) return
      pointer = undefined
      repaint()
    })
  }
  element('try-undo').addEventListener('click', () => {
    strokes.pop()
    repaint()
  })
  element('try-clear').addEventListener('click', () => {
    strokes.length = 0
    repaint()
  })
  dark.addEventListener('change', () => repaint())
  paint()
}
