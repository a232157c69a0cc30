/**
 * Picture files decoded beside the page: a worker draws them and sends their pixels, so the page goes on meanwhile. In: files, one after the
 * other. Out: the pictures that `openPicture` gives. What the worker cannot do (a damaged file, a page that allows no workers) is done, or
 * refused with its reason, in the page.
 */
import type { Host, WorkerHandle } from '../../base/host.ts'
import type { OpenPicture, Picture } from '../../base/picture.ts'

/**
 * The program of the worker, as source text like that of compute threads (runtime/wasm/worker). It draws as pictures.ts does: in strips, and
 * three channels where nothing is transparent.
 *
 * In:  { number, file }
 * Out: { number, picture: { width, height, channels, data }, or nothing where it is none }
 */
const source = `
'use strict'
const strip = 2 ** 22
const most = 100e6

async function pictureOf(file) {
  const bitmap = await createImageBitmap(file)
  const { width, height } = bitmap
  if (width * height > most) return undefined
  const rows = Math.min(height, Math.max(1, Math.floor(strip / width)))
  const context = new OffscreenCanvas(width, rows).getContext('2d', { willReadFrequently: true })
  const shown = new Uint8Array(4 * width * height)
  for (let top = 0; top < height; top += rows) {
    context.clearRect(0, 0, width, rows)
    context.drawImage(bitmap, 0, -top)
    shown.set(context.getImageData(0, 0, width, Math.min(rows, height - top)).data, 4 * width * top)
  }
  bitmap.close()
  for (let at = 3; at < shown.length; at += 4) if (shown[at] !== 255) return { width, height, channels: 4, data: shown }
  const data = new Uint8Array(3 * width * height)
  for (let from = 0, to = 0; from < shown.length; from += 4) {
    data[to++] = shown[from]
    data[to++] = shown[from + 1]
    data[to++] = shown[from + 2]
  }
  return { width, height, channels: 3, data }
}

self.onmessage = async ({ data: { number, file } }) => {
  const picture = await pictureOf(file).catch(() => undefined)
  self.postMessage({ number, picture }, picture ? [picture.data.buffer] : [])
}
`

/** Opens pictures in a worker while it is open. */
export interface PictureWorker {
  readonly openPicture: OpenPicture
  close(): Promise<void>
}

interface Answer {
  readonly number: number
  readonly picture: Picture | undefined
}

/** `openInPage` is asked for whatever the worker gives no picture of. */
export function pictureWorker(host: Pick<Host, 'startWorker'>, openInPage: OpenPicture): PictureWorker {
  const waiting = new Map<number, (picture: Picture | undefined) => void>()
  let asked = 0
  let worker: Promise<WorkerHandle> | undefined
  let isRefused = false
  const refuse = (): void => {
    isRefused = true
    for (const answer of waiting.values()) answer(undefined)
    waiting.clear()
  }
  async function started(): Promise<WorkerHandle> {
    const handle = await host.startWorker(source)
    handle.onMessage(message => {
      const { number, picture } = message as Answer
      waiting.get(number)?.(picture)
      waiting.delete(number)
    })
    handle.onError(refuse)
    return handle
  }
  function ask(file: Blob): Promise<Picture | undefined> {
    worker ??= started()
    return new Promise(resolve => {
      const number = asked++
      waiting.set(number, resolve)
      worker!.then(handle => handle.post({ number, file })).catch(refuse)
    })
  }
  return {
    async openPicture(given, name) {
      const picture = given instanceof Blob && !isRefused ? await ask(given) : undefined
      return picture ?? openInPage(given, name)
    },
    async close() {
      await worker?.then(
        handle => handle.terminate(),
        () => {},
      )
    },
  }
}
