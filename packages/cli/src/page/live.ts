/**
 * The script of the part of a report in which one tries the model out (report/live.ts writes its elements). A drawing or a file goes
 * through the model's own preprocessing into the compiled prediction; what comes out is shown at most once a frame. While more is to
 * come, the section says that it is busy, so that screen readers speak of the last answer only.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import { openPicture } from 'fovea/internal/host/browser/pictures'
import { pictureToInput } from 'fovea/internal/preprocess/input'
import { standaloneFrom } from 'fovea/internal/runtime/standalone-document'
import { type StandaloneRun, startStandalone } from 'fovea/internal/runtime/standalone-run'
import type { LiveDocument } from '../report/live.ts'
import { answerView } from './answer.ts'
import { startCamera } from './camera.ts'
import { startDrawingBox } from './drawing-box.ts'
import { element } from './element.ts'

type Source = () => Picture | undefined

function serve(live: LiveDocument, run: StandaloneRun): void {
  const view = answerView(live)
  const section = element('try')
  const file = element<HTMLInputElement>('try-file')
  let source: Source = () => undefined
  let isDrawing = false
  let awaitsFrame = false

  const setBusy = (busy: boolean): void => section.setAttribute('aria-busy', String(busy))

  function changed(next: Source, moreToCome = false): void {
    source = next
    isDrawing = moreToCome
    setBusy(true)
    if (awaitsFrame) return
    awaitsFrame = true
    requestAnimationFrame(async () => {
      await answer().catch(refuse)
      awaitsFrame = false
      setBusy(isDrawing)
    })
  }

  async function answer(): Promise<void> {
    const picture = source()
    if (picture === undefined) return view.clear('')
    const input = pictureToInput(picture, live.spec)
    view.show(input, await run(input.pixels))
  }

  function refuse(error: unknown): void {
    if (!(error instanceof UserError)) throw error
    source = () => undefined
    view.clear(error.message)
    setBusy(false)
  }

  async function take(given: File | undefined): Promise<void> {
    if (given === undefined) return
    setBusy(true)
    camera.stop()
    try {
      const picture = await openPicture(given, given.name)
      changed(() => picture)
    } catch (error) {
      refuse(error)
    }
  }

  const camera = startCamera((frame, moreToCome) => {
    file.value = ''
    changed(frame, moreToCome)
  }, refuse)
  file.addEventListener('change', () => take(file.files?.[0]))
  document.addEventListener('paste', event => take(event.clipboardData?.files[0]))
  element('try-layer').addEventListener('change', () => changed(source))
  section.addEventListener('dragover', event => {
    event.preventDefault()
    section.classList.add('try-over')
  })
  section.addEventListener('dragleave', () => section.classList.remove('try-over'))
  section.addEventListener('drop', event => {
    event.preventDefault()
    section.classList.remove('try-over')
    void take(event.dataTransfer?.files[0])
  })
  if (document.getElementById('try-box')) {
    startDrawingBox((drawing, moreToCome) => {
      camera.stop()
      file.value = ''
      changed(drawing, moreToCome)
    })
  }
  view.clear('')
}

async function start(): Promise<void> {
  const state = element('try-state')
  try {
    const live = JSON.parse(element('live-model').textContent) as LiveDocument
    serve(live, await startStandalone(standaloneFrom(live.program)))
    state.remove()
    document.querySelector<HTMLElement>('.try')!.hidden = false
  } catch (error) {
    state.textContent = `The model cannot run in this browser: ${(error as Error).message}`
    throw error
  }
}

void start()
