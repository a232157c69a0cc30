/**
 * The frames of a video or a camera as they are shown. Whoever takes them asks for the next one when done with the last: those in between
 * are passed over, never kept.
 */
import { UserError } from '../../base/errors.ts'

/** Ends with the video, and when `signal` is aborted. */
export async function* videoFrames(video: HTMLVideoElement, signal?: AbortSignal): AsyncGenerator<HTMLVideoElement> {
  if (typeof Object(video).requestVideoFrameCallback !== 'function' && Object(video).videoWidth === undefined)
    throw new UserError({
      what: 'classifyStream takes the frames of a video element.',
      expected: 'a <video>, whose srcObject may be a camera',
      received: String(video),
      fix: 'video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true }), then give the video',
    })
  while (await frameShown(video, signal)) yield video
}

/** Waits for a frame; false where none comes any more. */
function frameShown(video: HTMLVideoElement, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted || video.ended) return Promise.resolve(false)
  return new Promise(resolve => {
    const finish = (isShown: boolean): void => {
      video.removeEventListener('ended', end)
      signal?.removeEventListener('abort', end)
      cancel()
      resolve(isShown)
    }
    const end = (): void => finish(false)
    video.addEventListener('ended', end)
    signal?.addEventListener('abort', end)
    const cancel = onFrame(video, () => finish(true))
  })
}

/** Calls back with the next frame that is shown; gives what calls that off. */
function onFrame(video: HTMLVideoElement, shown: () => void): () => void {
  if (typeof video.requestVideoFrameCallback === 'function') {
    const handle = video.requestVideoFrameCallback(shown)
    return () => video.cancelVideoFrameCallback(handle)
  }
  // Without that, a frame for each one of the screen, as soon as there is a picture.
  let handle = requestAnimationFrame(function look() {
    if (video.readyState >= video.HAVE_CURRENT_DATA) shown()
    else handle = requestAnimationFrame(look)
  })
  return () => cancelAnimationFrame(handle)
}
