/** A model file made ready to answer: read, compiled for one picture and for a whole batch, and able to say where it looks. */
import { loadPredictor, type SavedPredictor } from 'fovea/internal/engine/load-predictor'
import type { OpenModel } from 'fovea/internal/explain/open-model'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { nodeHost } from 'fovea/internal/host/node/host'
import { installedFormats } from 'fovea/internal/host/node/installed-formats'
import { openPicture } from 'fovea/internal/host/node/pictures'
import { wasmDevice } from 'fovea/internal/runtime/wasm-device'
import { searchModelFormats } from 'fovea/internal/store/model-formats'
import { openedFile } from 'fovea/internal/store/opened-file'
import type { Servable } from '../serving/contract.ts'
import type { LoadedModel } from './live-catalogue.ts'

export interface LoadOptions {
  readonly threads?: number | undefined
  /** Pictures that are computed together. */
  readonly batch: number
}

export async function loadServed(path: string, { threads, batch }: LoadOptions): Promise<LoadedModel> {
  searchModelFormats(installedFormats)
  const host = nodeHost()
  const device = wasmDevice(host)
  const open = (file: string) => openedFile(nodeFiles, file)
  const predictor = await loadPredictor({ clock: host, device: () => device, open, openPicture }, path, { threads })
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
      const { explained, openServed } = await import('./explanations.ts')
      opened ??= openServed(path, device)
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
async function warmUp(predictor: SavedPredictor, batch: number): Promise<void> {
  const { inputs } = predictor.model
  for (const rows of new Set([1, batch])) {
    const zeros = inputs.map(({ shape }) => ({
      shape: [rows, ...shape],
      data: new Uint8Array(rows * shape.reduce((a, b) => a * b, 1)),
    }))
    await predictor.predict((zeros.length === 1 ? zeros[0] : zeros) as never, { batchSize: batch })
  }
}
