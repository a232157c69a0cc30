/**
 * Pages that only ask a saved model: what `fovea/browser` has for them, without the rest. An entry of its own, since some bundlers load
 * whatever else an entry exports.
 */

import type { Host } from './base/host.ts'
import type { OpenPicture, Picture, PictureBytes } from './base/picture.ts'
import type { Answer, Classify, ClassifyOptions } from './engine/answer.ts'
import {
  type LoadPredictorOptions,
  loadPredictor as loadPredictorOn,
  type SavedPredictor,
} from './engine/load-predictor.ts'
import type { Float32NdArray } from './engine/pass.ts'
import { browserHost } from './host/browser/host.ts'
import type { Device } from './runtime/device.ts'

export { PictureError, UserError } from './base/errors.ts'
export type { LoadPredictorOptions, SavedPredictor } from './engine/load-predictor.ts'

// Marked as pure: a bundle has only what its page uses.
const host: Host = /* @__PURE__ */ browserHost()

// Loaded with the first picture: a page that gives pixels needs nothing of it.
const openPicture: OpenPicture = async (given, name) =>
  (await import('./host/browser/pictures.ts')).openPicture(given, name)

/**
 * The bytes of a picture file as a picture, decoded by the browser: turned upright, its first frame, colours in sRGB. Throws UserError
 * for what it cannot decode, and for more than 100 megapixels.
 */
export const decodePicture = async (bytes: PictureBytes): Promise<Picture> =>
  (await import('./host/browser/pictures.ts')).decodePicture(bytes)

/**
 * The device that is used unless `compile` is given another: WebAssembly, with threads where the page may have them. In a window it
 * computes in a worker, so that the page goes on meanwhile.
 */
export const wasmDevice = (): Device => ({
  name: 'wasm',
  async compile(entries, options) {
    const isWindow = typeof document !== 'undefined' && typeof Worker !== 'undefined'
    const device = isWindow
      ? (await import('./window-device.ts')).windowDevice(host)
      : (await import('./runtime/wasm-device.ts')).wasmDevice(host)
    return device.compile(entries, options)
  },
})

/**
 * A saved model to be asked and nothing else: the bytes of a safetensors file. A bundle that only loads and predicts has no
 * training in it. Throws UserError when the file is malformed or holds weights without a model.
 */
export const loadPredictor = <Output = Float32NdArray>(
  source: string | Uint8Array,
  options: LoadPredictorOptions = {},
): Promise<SavedPredictor<Output>> => loadPredictorOn({ clock: host, device: wasmDevice, openPicture }, source, options)

/** What `classifyStream` takes. */
export interface ClassifyStreamOptions extends ClassifyOptions {
  /** Ends the answers, as `break` in their loop does. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The answers for a video or a camera while it is shown: `for await (const [best] of classifyStream(model, video))`. One frame is on its
 * way at a time: frames that come meanwhile are passed over. Ends with the video. Throws UserError for what is no video.
 */
export async function* classifyStream(
  model: { readonly classify: Classify },
  video: HTMLVideoElement,
  { signal, ...options }: ClassifyStreamOptions = {},
): AsyncGenerator<Answer, void> {
  const { videoFrames } = await import('./host/browser/video-frames.ts')
  for await (const frame of videoFrames(video, signal)) {
    const answer = await model.classify(frame, options)
    if (signal?.aborted) return
    yield answer
  }
}
