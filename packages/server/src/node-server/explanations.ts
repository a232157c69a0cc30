/** Where a model looked, for who asks a server for it: a program of its own, made with the first question. */
import { type AnyPicture, fileBytes, type PictureLike } from 'fovea/internal/base/picture'
import { parseSpec } from 'fovea/internal/base/preprocess-spec'
import { modelOfFile } from 'fovea/internal/engine/load-predictor'
import { gradCamOf } from 'fovea/internal/explain/grad-cam'
import { occlusion } from 'fovea/internal/explain/occlusion'
import { type OpenModel, openModel } from 'fovea/internal/explain/open-model'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { decodePicture } from 'fovea/internal/host/node/pictures'
import type { Device } from 'fovea/internal/runtime/device'
import { matchWeights } from 'fovea/internal/store/model-file'
import { readModel } from 'fovea/internal/store/model-formats'
import { openedFile } from 'fovea/internal/store/opened-file'
import type { Explanation } from '../serving/contract.ts'

export async function openServed(path: string, device: Device): Promise<OpenModel> {
  const { source, ...opened } = await openedFile(nodeFiles, path)
  const file = await readModel({ source, ...opened })
  const model = await modelOfFile(file, source)
  const { classNames, preprocess } = file
  return openModel({
    model,
    weights: matchWeights(file.weights, model.weights, source),
    device,
    ...(preprocess && { preprocess: parseSpec(preprocess) }),
    ...(classNames && { classNames }),
  })
}

/** Of the most probable class; heat from 0 to 1, 1 where most speaks for it. */
export async function explained(
  opened: OpenModel,
  given: AnyPicture,
  method: Explanation['method'],
): Promise<Explanation> {
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
