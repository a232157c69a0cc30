/** A camera's pictures for the part of a page that tries a model, where the browser has one and the user allows it; nothing is kept or sent. */
import { UserError } from 'fovea/internal/base/errors'
import type { Picture } from 'fovea/internal/base/picture'
import { element } from './element.ts'
import { canvasPicture } from './picture-canvas.ts'

/** Frames are made no larger than this, in pixels of the longer side: what is fast enough for every frame of the screen. */
const longestSide = 640

export interface Camera {
  stop(): void
}

/** `frame` is called for every picture that the screen shows; `moreToCome`: the camera is still on. */
export function startCamera(
  frame: (source: () => Picture | undefined, moreToCome: boolean) => void,
  refuse: (error: UserError) => void,
): Camera {
  const button = element<HTMLButtonElement>('try-camera')
  const video = document.createElement('video')
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
  let stream: MediaStream | undefined
  // Pages from elsewhere than https, localhost or disk have no cameras.
  button.hidden = !navigator.mediaDevices?.getUserMedia

  function picture(): Picture | undefined {
    const { videoWidth, videoHeight } = video
    if (stream === undefined || videoWidth === 0) return undefined
    const scale = Math.min(1, longestSide / Math.max(videoWidth, videoHeight))
    const [width, height] = [Math.round(scale * videoWidth), Math.round(scale * videoHeight)]
    Object.assign(context.canvas, { width, height })
    context.drawImage(video, 0, 0, width, height)
    return canvasPicture(context)
  }

  function look(): void {
    if (stream === undefined) return
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) frame(picture, true)
    requestAnimationFrame(look)
  }

  function stop(): void {
    for (const track of stream?.getTracks() ?? []) track.stop()
    stream = undefined
    video.srcObject = null
    button.setAttribute('aria-pressed', 'false')
  }

  async function start(): Promise<void> {
    button.disabled = true
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      video.srcObject = stream
      await video.play()
      button.setAttribute('aria-pressed', 'true')
      look()
    } catch (error) {
      stop()
      refuse(new UserError({ what: `The camera gives no picture: ${(error as Error).message}` }))
    } finally {
      button.disabled = false
    }
  }

  button.addEventListener('click', () => {
    if (stream === undefined) return void start()
    // The last picture stays.
    const last = picture()
    stop()
    frame(() => last, false)
  })
  return { stop }
}
