/** A model file made ready to answer: read, compiled for one picture and for a whole batch, and able to say where it looks. */
import {
  type AnyPicture,
  decodePicture,
  gradCamOf,
  loadModel,
  loadPredictor,
  type OpenModel,
  occlusion,
  openModel,
  type PictureLike,
} from 'fovea'
import { fileBytes } from 'fovea/internal/base/picture'
import type { Explanation, Servable } from '../serving/contract.ts'
import type { LoadedModel } from './live-catalogue.ts'

export interface LoadOptions {
  readonly threads?: number | undefined
  /** Pictures that are computed together. */
  readonly batch: number
}

export async function loadServed(path: string, { threads, batch }: LoadOptions): Promise<LoadedModel> {
  const predictor = await loadPredictor(path, { threads })
  await warmUp(predictor, batch)
  let opened: Promise<OpenModel> | undefined
  const servable: Servable = {
    model: predictor.model,
    classNames: predictor.classNames,
    preprocess: predictor.preprocess,
    predict: (x, options) => predictor.predict(x as never, options) as ReturnType<Servable['predict']>,
    classify: predictor.classify,
    // A second program, for who asks for it.
    async explain(picture, { method = 'grad-cam' }) {
      opened ??= open(path)
      return explained(await opened, picture, method)
    },
  }
  return {
    servable,
    async dispose() {
      await predictor.dispose()
      await (await opened)?.dispose()
    },
  }
}

/** The first question compiles the program; a larger batch makes it grow. No request should wait for either. */
async function warmUp(predictor: Awaited<ReturnType<typeof loadPredictor>>, batch: number): Promise<void> {
  const { inputs } = predictor.model
  for (const rows of new Set([1, batch])) {
    const zeros = inputs.map(({ shape }) => ({
      shape: [rows, ...shape],
      data: new Uint8Array(rows * shape.reduce((a, b) => a * b, 1)),
    }))
    await predictor.predict((zeros.length === 1 ? zeros[0] : zeros) as never, { batchSize: batch })
  }
}

async function open(path: string): Promise<OpenModel> {
  return openModel(await loadModel(path))
}

/** Of the most probable class; heat from 0 to 1, 1 where most speaks for it. */
async function explained(opened: OpenModel, given: AnyPicture, method: Explanation['method']): Promise<Explanation> {
  const bytes = fileBytes(given)
  const picture = bytes ? await decodePicture(bytes) : (given as PictureLike)
  const [probabilities] = await opened.predict([picture])
  const best = probabilities!.reduce((found, value, index, all) => (value > all[found]! ? index : found), 0)
  const { height, width, data } =
    method === 'grad-cam'
      ? (await gradCamOf(opened, picture, best)).map
      : (await occlusion(opened, picture, best)).drops
  const most = data.reduce((largest, value) => Math.max(largest, value), 0)
  return {
    method,
    className: opened.classNames?.[best] ?? String(best),
    probability: probabilities![best]!,
    width,
    height,
    values: Array.from(data, value => (most > 0 ? Math.max(0, value) / most : 0)),
  }
}
